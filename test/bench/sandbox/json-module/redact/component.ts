import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { mapText } from '@ingot/telemetry'
import { z } from 'zod'

const personal = /\b\d{13,19}\b|[\w.+-]+@[\w-]+\.[\w.]+/g

export default defineComponent({
  name: 'redact',
  stability: 'generally-available',
  summary: 'Parses every line, masks a field of it, and writes it again.',
  arguments: z.strictObject({ forward_to: receivers('loki.logs').describe('Where entries go.') }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, receive }) {
    receive('receiver', (batch) => args.forward_to.emit(mapText(batch, env.text, redacted)))
  },
})

function redacted(line: string): string {
  const record = JSON.parse(line) as { msg: string; redacted?: boolean }
  record.msg = record.msg.replace(personal, '***')
  record.redacted = true
  return JSON.stringify(record)
}
