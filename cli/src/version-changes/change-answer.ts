import { z } from 'zod'

/** What a registry answers to a change of a published version. */
export const changeAnswer = z.object({
  changed: z.boolean(),
  log: z.int().optional(),
  waiting: z.object({ agreed: z.array(z.string()), wanted: z.int() }).optional(),
})

export function changeText(done: string, { changed, log, waiting }: z.infer<typeof changeAnswer>): string {
  if (waiting) return `waiting: ${waiting.agreed.length} of ${waiting.wanted} want it (${waiting.agreed.join(', ')})\n`
  return changed ? `${done} (log ${log})\n` : 'it was so already\n'
}
