import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { lineTexts, type LogsBatch } from '@ingot/telemetry'
import { isValid, parse } from 'date-fns'
import { z } from 'zod'

/** What a format leaves open is that of this moment: the same for every line. */
const reference = new Date(0)

export default defineComponent({
  name: 'from_line',
  stability: 'generally-available',
  summary: 'Takes the time of log entries from their lines.',
  arguments: z.strictObject({
    expression: z.string().min(1).describe('Regular expression of JavaScript whose first group is the time.'),
    format: z.string().min(1).describe('Format of the time, as date-fns reads it.'),
    forward_to: receivers('loki.logs').describe('Where the entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, receive }) {
    const expression = new RegExp(args.expression)
    const found = env.metrics.counter('entries_total', 'Entries whose line holds a time.', { time: 'found' })
    const missing = env.metrics.counter('entries_total', 'Entries whose line holds a time.', { time: 'missing' })

    receive('receiver', (batch) => args.forward_to.emit(withTimes(batch)))

    function withTimes(batch: LogsBatch): LogsBatch {
      const seconds = batch.seconds.slice()
      const nanos = batch.nanos.slice()
      for (const [index, line] of lineTexts(batch, env.text).entries()) {
        const text = expression.exec(line)?.[1]
        const time = text === undefined ? undefined : parse(text, args.format, reference)
        if (!isValid(time)) {
          missing.add()
          continue
        }
        found.add()
        const ms = time!.getTime()
        seconds[index] = Math.floor(ms / 1_000)
        nanos[index] = (ms - seconds[index] * 1_000) * 1e6
      }
      return { ...batch, seconds, nanos }
    }
  },
})
