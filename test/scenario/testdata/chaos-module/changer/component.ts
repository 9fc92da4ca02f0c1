import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'chaos.changer',
  stability: 'generally-available',
  summary: 'Passes entries on, says which value each of its instances has taken, and refuses or ends when it is told to.',
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Where entries go.'),
    value: z
      .string()
      .refine((text) => text !== 'unfit', 'the component does not like it')
      .describe('What each instance says that it has taken.'),
    refuse_in: z.int().default(-1).describe('The lane whose instance throws when its arguments change.'),
    spin_in: z.int().default(-1).describe('The lane whose instance spins, once, when its arguments change.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: {
    peers: [{ why: 'Knows its lane.' }],
    state: [{ why: 'Remembers that it has spun.' }],
  },
  scaling: 'replicate',
  settles: 'with delivery',
  async run({ args, env, receive, onUpdate }) {
    const lane = env.peers.lane.index
    const take = (value: string): void => env.log.info('has taken', { in: lane, value })
    let current = args
    receive('receiver', (batch) => current.forward_to.emit(batch))
    onUpdate(async (next) => {
      current = next
      take(next.value)
      if (next.refuse_in === lane) throw new Error('refused by the component')
      if (next.spin_in !== lane || env.state.get('spun') !== undefined) return
      await env.state.set('spun', 'done')
      for (;;);
    })
    take(args.value)
  },
})
