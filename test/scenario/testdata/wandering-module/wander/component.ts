import { defineComponent, receiver, receivers, secret } from '@ingot/sdk'
import { mapText } from '@ingot/telemetry'
import { z } from 'zod'

export default defineComponent({
  name: 'wander',
  stability: 'generally-available',
  summary: 'Adds to each line what clocks, chance and state say, after a while; loops for ever when a line says so.',
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Where entries go.'),
    token: secret().optional().describe('Shown as what the component sees of it.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: {
    clock: [{ why: 'Waits.' }],
    random: [{ why: 'Wanders.' }],
    state: [{ why: 'Counts.' }],
  },
  settles: 'with delivery',
  run({ args, env, receive }) {
    receive('receiver', async (batch) => {
      if (env.text.decode(batch.arena).includes('!loop')) for (;;);
      const count = Number(env.state.get('count') ?? 0) + batch.count
      await env.state.set('count', String(count))
      await env.clock.sleep(1)
      const words = [count, Date.now(), env.clock.now(), env.clock.monotonic(), Math.random(), env.random.float()]
      return args.forward_to.emit(mapText(batch, env.text, (line) => `${line} ${words.join(' ')}`))
    })
  },
})
