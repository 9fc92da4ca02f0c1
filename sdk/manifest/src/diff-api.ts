/** `GET /api/v1/diff/@s/n?from=&to=` (registry.md §2.5): what is different between two versions. */
import { z } from 'zod'

const file = z.object({ sha256: z.string(), size: z.int().describe('Bytes.') })

export const versionDiff = z.object({
  module: z.string(),
  from: z.string(),
  to: z.string(),
  /** Powers, in the lines of the capability summary. */
  capabilities: z.object({
    added: z.array(z.string()),
    widened: z.array(z.object({ from: z.string(), to: z.string() })),
    removed: z.array(z.string()),
  }),
  /** Of what configurations write and read: arguments, blocks and exports. */
  schema: z.array(
    z.object({
      what: z.string(),
      change: z.string(),
      breaking: z.boolean().describe('Whether a configuration that was right may be wrong now.'),
    }),
  ),
  /** Ranges; `null` on the side that has no such dependency. */
  dependencies: z.array(z.object({ name: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
  /** `null` on the side that has no such file. */
  files: z.array(z.object({ path: z.string(), from: file.nullable(), to: file.nullable() })),
})
export type VersionDiffAnswer = z.infer<typeof versionDiff>
