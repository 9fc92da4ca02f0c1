import { defineComponent, delivered, receiver, receivers } from '@ingot/sdk'
import { lineTexts, replaceLines, selectLines } from '@ingot/telemetry'
import protobuf from 'protobufjs'
import { z } from 'zod'

/** How values of protobuf are written as JSON: large numbers and bytes as text, as the format's own mapping does. */
const conversion = { longs: String, enums: String, bytes: String, defaults: true }

export default defineComponent({
  name: 'to_json',
  stability: 'generally-available',
  summary: 'Makes JSON of log lines that hold protobuf messages in base64.',
  arguments: z.strictObject({
    schema: z.string().min(1).describe('Text of a `.proto` file without imports.'),
    message: z.string().min(1).describe('Name of the message in it.'),
    forward_to: receivers('loki.logs').describe('Where the entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, ledger, receive }) {
    const type = protobuf.parse(args.schema).root.lookupType(args.message)
    receive('receiver', async (batch) => {
      const messages = lineTexts(batch, env.text).map(toJson)
      const kept = [...messages.keys()].filter((index) => messages[index] !== undefined)
      const lines = kept.map((index) => env.text.encode(messages[index]!))
      const outcome =
        kept.length === 0 ? delivered : await args.forward_to.emit(replaceLines(selectLines(batch, kept), lines))
      // A refused batch is sent again by whoever sent it: what is dropped of it is counted then.
      if (outcome.status !== 'refused') ledger.dropped(batch.count - kept.length, 'not_a_message')
      return outcome
    })

    function toJson(line: string): string | undefined {
      try {
        const bytes = new Uint8Array(protobuf.util.base64.length(line))
        protobuf.util.base64.decode(line, bytes, 0)
        return JSON.stringify(type.toObject(type.decode(bytes), conversion))
      } catch {
        return undefined
      }
    }
  },
})
