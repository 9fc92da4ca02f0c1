import { defineComponent, receivers } from '@ingot/sdk'
import { Labels, LogsBatchBuilder } from '@ingot/telemetry'
import { z } from 'zod'

const stream = Labels.from([['job', 'ticker']])

export default defineComponent({
  name: 'chaos.ticker',
  stability: 'generally-available',
  summary: 'Sends each line once, from one lane, and never again whatever becomes of it.',
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Where entries go.'),
    lane: z.int().describe('The lane whose instance sends.'),
    count: z.int().describe('How many lines.'),
  }),
  capabilities: { peers: [{ why: 'Knows its lane.' }] },
  scaling: 'replicate',
  settles: 'with delivery',
  async run({ args, env, ledger, signal }) {
    const send = async (i: number): Promise<void> => {
      const line = env.text.encode(`tick ${i}`)
      const builder = new LogsBatchBuilder()
      builder.append(builder.stream(stream), line, 0, line.length, 1_700_000_000 + i, 0)
      ledger.created(1)
      const outcome = await args.forward_to.emit(builder.build())
      if (outcome.status === 'refused') ledger.dropped(1, 'refused')
    }
    if (env.peers.lane.index === args.lane) {
      await Promise.all(Array.from({ length: args.count }, (_, i) => send(i)))
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
})
