import { defineFunction } from '@ingot/sdk'
import { z } from 'zod'

export default defineFunction({
  name: 'moody',
  stability: 'generally-available',
  summary: 'Gives back what it is given, or misbehaves.',
  parameters: { how: z.string().describe('`loop`, `fill`, or anything else.') },
  result: z.string().describe('The same.'),
  examples: [{ args: ['fine'], result: 'fine' }],
  run({ how }) {
    if (how.startsWith('loop')) for (;;);
    if (how === 'fill') for (const all = []; ; all.push(Array.from({ length: 1e5 }, Math.random)));
    if (how === 'lie') return { toString: 1 } as unknown as string
    return how
  },
})
