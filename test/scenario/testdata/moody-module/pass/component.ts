import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'pass',
  stability: 'generally-available',
  summary: 'Passes entries on; loops, allocates without end or throws when a line says so.',
  arguments: z.strictObject({ forward_to: receivers('loki.logs').describe('Where entries go.') }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, receive }) {
    receive('receiver', (batch) => {
      const text = env.text.decode(batch.arena)
      if (text.includes('!loop')) for (;;);
      if (text.includes('!throw')) throw new Error('a line asked for it')
      if (text.includes('!bomb')) {
        const hoard: unknown[] = []
        for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
      }
      return args.forward_to.emit(batch)
    })
  },
})
