import { defineComponent, delivered, dropped, optionalSecret, receiver, refused } from '@ingot/sdk'
import { lineLabels, lineText } from '@ingot/telemetry'
import { z } from 'zod'

const timeoutMs = 10_000
/** What the server says to a batch is not read further. */
const bodyBytesMax = 64 * 1024

export default defineComponent({
  name: 'post',
  stability: 'generally-available',
  summary: 'Posts log entries to a URL, one JSON object on each line.',
  arguments: z.strictObject({
    url: z.url().describe('Where to post.'),
    token: optionalSecret().optional().describe('Sent in the header `x-token`.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  // Whoever writes `url` in a configuration has granted requests to it, and to nothing else.
  capabilities: { 'http.request': [{ why: 'Posts the entries.', from: 'url' }] },
  settles: 'with delivery',
  run({ args, env, ledger, receive, signal, setHealth }) {
    const headers = {
      'content-type': 'application/x-ndjson',
      // A secret is sent and never read: the host puts it into the request.
      ...(args.token !== undefined && { 'x-token': args.token }),
    }
    receive('receiver', async (batch) => {
      let body = ''
      for (let i = 0; i < batch.count; i++) {
        const entry = { line: lineText(batch, i, env.text), labels: lineLabels(batch, i).toObject() }
        body += `${JSON.stringify(entry)}\n`
      }
      const status = await post(env.text.encode(body))
      if (status !== undefined && status < 300) {
        ledger.sent(batch.count)
        setHealth('healthy', 'the server takes entries')
        return delivered
      }
      setHealth('unhealthy', `Cannot post to ${args.url}: ${status ?? 'it does not answer'}`)
      // A server that is down or busy gets the batch again; one that does not want it never will.
      if (status === undefined || status === 429 || status >= 500) return refused('unavailable', 1_000)
      ledger.dropped(batch.count, 'rejected')
      return dropped('rejected')
    })

    async function post(body: Uint8Array) {
      const request = { method: 'POST', url: args.url, headers, body, timeoutMs, bodyBytesMax, signal }
      const response = await env.http.request(request).catch(() => undefined)
      return response?.status
    }
  },
})
