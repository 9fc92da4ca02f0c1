import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

/** What a line may ask for; each word is obeyed once, so that the batch goes through when it is sent again. */
const words = ['!spin', '!hoard'] as const

export default defineComponent({
  name: 'chaos.gate',
  stability: 'generally-available',
  summary: 'Passes entries on, and destroys its lane when a line says so.',
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Where entries go.'),
    spin_at_start: z.boolean().default(false).describe('Whether its first run spins.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: { state: [{ why: 'Remembers what it has done already.' }] },
  scaling: 'single',
  settles: 'with delivery',
  async run({ args, env, receive }) {
    if (args.spin_at_start && env.state.get('start') === undefined) {
      await env.state.set('start', 'done')
      for (;;);
    }
    receive('receiver', async (batch) => {
      const text = env.text.decode(batch.arena)
      for (const word of words) {
        if (!text.includes(word) || env.state.get(word) !== undefined) continue
        await env.state.set(word, 'done')
        env.log.info(`obeying ${word}`)
        if (word === '!spin') for (;;);
        const hoard: unknown[] = []
        for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
      }
      return args.forward_to.emit(batch)
    })
  },
})
