import { httpClientGrants, proxyVariables } from '@ingot/kits'
import { defineComponent, receiver } from '@ingot/sdk'
import { z } from 'zod'
import { remoteWriteArguments } from './arguments.ts'
import { RemoteWriter } from './remote-writer.ts'

const grants = httpClientGrants('endpoint.')

export default defineComponent({
  name: 'prometheus.remote_write',
  stability: 'generally-available',
  summary: 'Sends metrics to servers that take Prometheus remote write.',
  docs: `Samples are encoded as remote write 1.0, compressed with snappy, and kept in a queue on disk for each endpoint until
its server has answered 2xx. A batch is delivered once it is durable in the queue of each endpoint.

Requests that fail with 429, 5xx or without an answer are sent again, with growing waits and as \`Retry-After\` asks. Other
answers drop the samples, counted by status. Samples of one series are sent in order.`,
  arguments: remoteWriteArguments,
  exports: z.object({ receiver: receiver('prometheus.metrics').describe('Takes the samples to send.') }),
  capabilities: {
    'http.request': [{ why: 'Sends samples to the endpoints.', from: 'endpoint.url' }, ...grants['http.request']],
    'fs.read': grants['fs.read'],
    'env.read': [proxyVariables],
    state: [{ why: 'Keeps samples on disk until they are sent.' }],
    clock: [{ why: 'Waits between attempts, and knows how old samples are.' }],
    random: [{ why: 'Spreads the waits between attempts.' }],
  },
  scaling: 'replicate',
  settles: 'when durable',
  async run(context) {
    const writer = new RemoteWriter(context)
    context.receive('receiver', (batch) => writer.accept(batch))
    await writer.run()
  },
})
