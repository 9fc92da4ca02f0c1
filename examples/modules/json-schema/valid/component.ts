import { Validator, type Schema } from '@cfworker/json-schema'
import { defineComponent, delivered, receiver, receivers } from '@ingot/sdk'
import { lineTexts, selectLines } from '@ingot/telemetry'
import { z } from 'zod'

export default defineComponent({
  name: 'valid',
  stability: 'generally-available',
  summary: 'Keeps log lines that are JSON of a given form, and drops the others.',
  arguments: z.strictObject({
    schema: z.string().transform(toSchema).describe('JSON Schema of draft 2020-12, as JSON.'),
    forward_to: receivers('loki.logs').describe('Where the kept entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, ledger, receive }) {
    const validator = new Validator(args.schema, '2020-12')
    receive('receiver', async (batch) => {
      const kept: number[] = []
      let notJson = 0
      for (const [index, line] of lineTexts(batch, env.text).entries()) {
        const value = toValue(line)
        if (value === undefined) notJson++
        else if (validator.validate(value).valid) kept.push(index)
      }
      const outcome = kept.length === 0 ? delivered : await args.forward_to.emit(selectLines(batch, kept))
      // A refused batch is sent again by whoever sent it: what is dropped of it is counted then.
      if (outcome.status !== 'refused') {
        ledger.dropped(notJson, 'not_json')
        ledger.dropped(batch.count - kept.length - notJson, 'not_valid')
      }
      return outcome
    })
  },
})

function toSchema(text: string, context: z.RefinementCtx): Schema {
  const value = toValue(text)
  if (typeof value === 'object' && value !== null) return value
  context.addIssue({ code: 'custom', message: 'want a JSON Schema, as JSON' })
  return z.NEVER
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
