import { defineComponent, delivered, receiver, receivers } from '@ingot/sdk'
import { lineTexts, selectLines } from '@ingot/telemetry'
import { z } from 'zod'

export default defineComponent({
  name: 'keep',
  stability: 'generally-available',
  summary: 'Keeps log entries whose line contains a text, and drops the others.',
  arguments: z.strictObject({
    containing: z.string().min(1).describe('Text that a line must contain.'),
    forward_to: receivers('loki.logs').describe('Where the kept entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, ledger, receive }) {
    receive('receiver', async (batch) => {
      const lines = lineTexts(batch, env.text)
      const kept = [...lines.keys()].filter((index) => lines[index]?.includes(args.containing))
      const outcome = kept.length === 0 ? delivered : await args.forward_to.emit(selectLines(batch, kept))
      // A refused batch is sent again by whoever sent it: what is dropped of it is counted then.
      if (outcome.status !== 'refused') ledger.dropped(batch.count - kept.length, 'no_match')
      return outcome
    })
  },
})
