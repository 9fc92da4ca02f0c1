import { block, capsule, duration } from '@ingot/sdk'
import { z } from 'zod'
import { unsupported } from '../rules/not-yet.ts'
import { withRules } from '../rules/with-rules.ts'

/** The `retry_on_failure` block. */
export function retryBlock() {
  const schema = z.strictObject({
    enabled: z.boolean().default(true).describe('Whether failed requests are sent again.'),
    initial_interval: duration().prefault('5s').describe('Wait after the first failure.'),
    randomization_factor: z.number().min(0).max(1).default(0.5).describe('Share of a wait that is left to chance.'),
    multiplier: z.number().min(1).default(1.5).describe('Factor from one wait to the next.'),
    max_interval: duration().prefault('30s').describe('Longest wait.'),
    max_elapsed_time: duration()
      .prefault('5m')
      .describe('Time after which a request is given up and counted as dropped; 0s for never.'),
  })
  return block(schema.prefault({})).describe('What happens after a failure that may pass.')
}

/** The `sending_queue` block. */
export function sendingQueueBlock() {
  const batch = withRules(
    z.strictObject({
      flush_timeout: duration().prefault('200ms').describe('Longest wait for others.'),
      min_size: z.int().min(0).default(2000).describe('Records that are sent without further waiting.'),
      max_size: z.int().min(0).default(3000).describe('Largest request in records; 0 for no limit.'),
      sizer: z.literal('items').default('items').describe('Unit of the sizes. Only "items" is supported.'),
    }),
    { rule: 'not_greater', of: ['min_size', 'max_size'], unless_zero: true },
  )
  const schema = z.strictObject({
    enabled: z.boolean().default(true).describe('Whether requests wait in a queue in memory.'),
    num_consumers: z.int().min(1).default(10).describe('Requests sent at once.'),
    queue_size: z.int().min(1).default(1000).describe('Requests, records or bytes (see `sizer`) held at most.'),
    sizer: z.enum(['requests', 'items', 'bytes']).default('requests').describe('Unit of `queue_size`.'),
    block_on_overflow: z
      .boolean()
      .default(false)
      .describe('Whether senders wait when the queue is full. Otherwise their batch is refused.'),
    wait_for_result: z
      .boolean()
      .default(false)
      .describe('Accepted for compatibility: a batch is always settled by what became of it at the destination.'),
    storage: unsupported(capsule('otelcol.Extension')).describe('Not supported.'),
    batch: block(batch.optional()).describe('Regroups records before they are sent.'),
  })
  return block(schema.prefault({})).describe('Queue in front of the destination.')
}

/** The `debug_metrics` block, which every otelcol component has. */
export function debugMetricsBlock() {
  const schema = z.strictObject({
    disable_high_cardinality_metrics: z
      .boolean()
      .default(true)
      .describe('Accepted for compatibility: metrics with high cardinality do not exist.'),
    level: z.enum(['none', 'basic', 'normal', 'detailed']).default('detailed').describe('Accepted for compatibility.'),
  })
  return block(schema.prefault({})).describe('Metrics of the component itself.')
}
