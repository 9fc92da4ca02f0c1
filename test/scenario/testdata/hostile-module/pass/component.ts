import { defineComponent, receiver, receivers, type Outcome } from '@ingot/sdk'
import { z } from 'zod'

type Attack = (...of: readonly unknown[]) => Promise<Outcome | undefined>

export default defineComponent({
  name: 'pass',
  stability: 'generally-available',
  summary: 'Passes entries on; runs its argument when a line says "poison".',
  arguments: z.strictObject({
    attack: z.string().describe('Body of an async function of args, env and batch.'),
    forward_to: receivers('loki.logs').describe('Where entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, receive }) {
    const AsyncFunction = (async () => {}).constructor as new (...code: readonly string[]) => Attack
    const attack = new AsyncFunction('args', 'env', 'batch', args.attack)
    receive('receiver', async (batch) => {
      if (!env.text.decode(batch.arena).includes('poison')) return args.forward_to.emit(batch)
      return (await attack(args, env, batch)) ?? args.forward_to.emit(batch)
    })
  },
})
