import { httpClientGrants, proxyVariables } from '@ingot/kits'
import { defineComponent, receiver } from '@ingot/sdk'
import { z } from 'zod'
import { writeArguments } from './arguments.ts'
import { LokiWriter } from './loki-writer.ts'

const grants = httpClientGrants('endpoint.')

export default defineComponent({
  name: 'loki.write',
  stability: 'generally-available',
  summary: 'Sends log entries to Loki.',
  docs: `Entries are pushed in protobuf, compressed with snappy, one request per tenant. The tenant is the label
\`__tenant_id__\` of an entry or \`tenant_id\` of the endpoint.

A batch is delivered when each endpoint has answered 2xx, or with \`wal\` when it is durable on disk. Requests that fail with
429, 5xx or without an answer are sent again; other answers drop the entries, counted by reason. A stream's entries are sent
in order.`,
  arguments: writeArguments,
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes the entries to send.') }),
  capabilities: {
    ...grants,
    'http.request': [{ why: 'Pushes entries to the endpoints.', from: 'endpoint.url' }, ...grants['http.request']],
    'env.read': [proxyVariables],
    state: [{ why: 'Keeps entries on disk until they are sent, where wal is enabled.' }],
    clock: [{ why: 'Sends requests after their time, and waits between attempts.' }],
    random: [{ why: 'Spreads the waits between attempts.' }],
  },
  scaling: 'replicate',
  settles: 'with delivery',
  async run(context) {
    const writer = new LokiWriter(context)
    context.receive('receiver', (batch) => writer.accept(batch))
    await writer.run()
  },
})
