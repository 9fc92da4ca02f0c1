import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

/** Shorter than a turn may take. */
const slowMs = 120

export default defineComponent({
  name: 'pass',
  stability: 'generally-available',
  summary: 'Passes entries on; fails in the way that a line says.',
  arguments: z.strictObject({
    revision: z.int().default(0).describe('Another number is another configuration.'),
    forward_to: receivers('loki.logs').describe('Where entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: { clock: [{ why: 'Is slow for a while.' }] },
  settles: 'with delivery',
  run({ args, env, receive }) {
    receive('receiver', async (batch) => {
      const text = env.text.decode(batch.arena)
      if (text.includes('!loop')) for (;;);
      if (text.includes('!throw')) throw new Error('a line asked for it')
      if (text.includes('!never')) await new Promise(() => {})
      if (text.includes('!slow')) for (const end = env.clock.monotonic() + slowMs; env.clock.monotonic() < end;);
      if (text.includes('!bomb')) {
        const hoard: unknown[] = []
        for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
      }
      // What runs these modules here obeys the word: see the collector of the soak.
      if (text.includes('!garbage')) env.log.info('!garbage')
      return args.forward_to.emit(batch)
    })
  },
})
