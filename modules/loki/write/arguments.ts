import { httpClientRules, httpClientShape, httpUrl, withRules } from '@ingot/kits'
import { block, blocks, duration, size } from '@ingot/sdk'
import { z } from 'zod'

const queueConfig = z.strictObject({
  capacity: size().prefault('10MiB').describe('Bytes of lines that wait to be sent.'),
  min_shards: z.int().min(1).max(64).default(1).describe('Parallel senders; a stream always takes the same one.'),
  drain_timeout: duration().prefault('15s').describe('Longest time for sending what waits when the component stops.'),
  block_on_overflow: z
    .boolean()
    .default(true)
    .describe('Whether senders wait when the queue is full; otherwise entries are dropped.'),
})

const endpoint = withRules(
  z.strictObject({
    url: httpUrl().describe('Full URL to push entries to.'),
    name: z.string().optional().describe('Name of the endpoint in metrics and queues.'),
    headers: z.record(z.string(), z.string()).optional().describe('Headers to send with each request.'),
    tenant_id: z.string().optional().describe('Tenant of entries that name none.'),
    batch_size: size().prefault('1MiB').describe('Bytes of lines after which a request is sent.'),
    batch_wait: duration().prefault('1s').describe('Time after which a request is sent, however small.'),
    remote_timeout: duration().prefault('10s').describe('Longest time of a request.'),
    min_backoff_period: duration().prefault('500ms').describe('First wait between attempts.'),
    max_backoff_period: duration().prefault('5m').describe('Longest wait between attempts.'),
    max_backoff_retries: z.int().min(0).default(10).describe('Attempts before entries are dropped; 0 never gives up.'),
    retry_on_http_429: z.boolean().default(true).describe('Whether a request that is answered with 429 is sent again.'),
    queue_config: block(queueConfig).prefault({}).describe('Queue of what waits to be sent.'),
    ...httpClientShape,
  }),
  ...httpClientRules,
)

const wal = z.strictObject({
  enabled: z.boolean().default(false).describe('Whether entries are kept on disk until they are sent.'),
  max_segment_age: duration()
    .prefault('1h')
    .describe('Accepted for compatibility: segments are removed as soon as they are sent.'),
  min_read_frequency: duration()
    .prefault('250ms')
    .describe('Accepted for compatibility: entries are read as soon as they are written.'),
  max_read_frequency: duration()
    .prefault('1s')
    .describe('Accepted for compatibility: entries are read as soon as they are written.'),
  drain_timeout: duration().prefault('15s').describe('Longest time for sending what waits when the component stops.'),
})

export const writeArguments = z.strictObject({
  external_labels: z
    .record(z.string(), z.string())
    .default({})
    .describe('Labels to add to entries that do not have them.'),
  max_streams: z
    .int()
    .min(0)
    .default(0)
    .describe('Most streams in one request; entries of further ones are dropped. 0 is no limit.'),
  endpoint: blocks(endpoint).default([]).describe('Where entries are sent.'),
  wal: block(wal).prefault({}).describe('Queue on disk.'),
})

export type WriteArguments = z.output<typeof writeArguments>
export type EndpointArguments = z.output<typeof endpoint>
