import { OtelBatcher, debugMetricsBlock, outputBlock, outputFor, withRules, within } from '@ingot/kits'
import { defineComponent, delivered, duration, receiver, refused } from '@ingot/sdk'
import type { OtelBatch, OtelMetadata } from '@ingot/telemetry'
import { z } from 'zod'

/** Bytes that wait or are under way, of one signal and one set of metadata values. Beyond it senders wait. */
const bytesMax = 64 * 2 ** 20
/** When the component stops, what it sends last has so long to be settled. */
const stopGraceMs = 1500
/** What the metrics of sizes are counted in: records, and bytes. */
const sizeBuckets = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 50_000,
  100_000,
]
const byteBuckets = [1e3, 1e4, 1e5, 2e5, 4e5, 8e5, 1e6, 2e6, 4e6, 8e6]

export default defineComponent({
  name: 'otelcol.processor.batch',
  stability: 'generally-available',
  summary: 'Regroups metrics, logs and traces into larger batches, which compress better and cost fewer requests.',
  docs: 'A batch that comes in is settled with the outcome of the batches that its records went out in: nothing is acknowledged because it waits here.',
  settles: 'with delivery',
  scaling: 'replicate',
  signals: ['otel.metrics', 'otel.logs', 'otel.traces'],
  arguments: withRules(
    z.strictObject({
      timeout: duration().prefault('200ms').describe('Longest wait of a record for others; 0s sends at once.'),
      send_batch_size: z.int().min(0).default(2000).describe('Records that are sent without further waiting.'),
      send_batch_max_size: z.int().min(0).default(3000).describe('Largest batch in records; 0 for no limit.'),
      metadata_keys: z
        .array(z.string())
        .default([])
        .describe('Metadata of the request whose values keep batches apart, as the receiver includes it.'),
      metadata_cardinality_limit: z
        .int()
        .min(0)
        .default(1000)
        .describe('Distinct values of `metadata_keys`; batches with others are refused. 0 for no limit.'),
      output: outputBlock(),
      debug_metrics: debugMetricsBlock(),
    }),
    { rule: 'not_greater', of: ['send_batch_size', 'send_batch_max_size'], unless_zero: true },
    { rule: 'unique', of: 'metadata_keys', ignore_case: true },
  ),
  exports: z.object({
    input: receiver('otel.metrics', 'otel.logs', 'otel.traces').describe('Takes records of all three signals.'),
  }),
  capabilities: { clock: [{ why: 'Sends what has waited long enough.' }] },
  async run({ args, env, ledger, signal, receive }) {
    const keys = args.metadata_keys.map((key) => key.toLowerCase())
    const groups = new Map<string, OtelBatcher>()
    const combinations = new Set<string>()
    const metrics = {
      bySize: env.metrics.counter(
        'otelcol_processor_batch_batch_size_trigger_send_total',
        'Batches sent because they were large enough.',
      ),
      byTimeout: env.metrics.counter(
        'otelcol_processor_batch_timeout_trigger_send_total',
        'Batches sent because their time was over.',
      ),
      size: env.metrics.histogram(
        'otelcol_processor_batch_batch_send_size',
        'Records in the batches sent.',
        sizeBuckets,
      ),
      bytes: env.metrics.histogram(
        'otelcol_processor_batch_batch_send_size_bytes',
        'Bytes of the batches sent.',
        byteBuckets,
      ),
      combinations: env.metrics.gauge('otelcol_processor_batch_metadata_cardinality', 'Distinct metadata values.'),
    }

    const newGroup = (): OtelBatcher =>
      new OtelBatcher({
        timeoutMs: args.timeout,
        sizeMin: args.send_batch_size,
        sizeMax: args.send_batch_max_size,
        bytesMax,
        clock: env.clock,
        onDropped: (records, reason) => ledger.dropped(records, reason),
        emit: async (batch, trigger) => {
          ;(trigger === 'size' ? metrics.bySize : metrics.byTimeout).add()
          metrics.size.observe(batch.count)
          metrics.bytes.observe(batch.bytes.length)
          const output = outputFor(args.output, batch.type)
          if (output) return output.emit(batch)
          ledger.dropped(batch.count, 'no_output')
          return delivered
        },
      })

    receive('input', (batch) => {
      const metadata = pick(batch.metadata, keys)
      const values = metadata === undefined ? '' : JSON.stringify(keys.map((key) => metadata[key]))
      if (!combinations.has(values)) {
        if (args.metadata_cardinality_limit > 0 && combinations.size >= args.metadata_cardinality_limit) {
          return Promise.resolve(refused('metadata_cardinality'))
        }
        combinations.add(values)
        metrics.combinations.set(combinations.size)
      }
      const id = batch.type + values
      let group = groups.get(id)
      if (!group) {
        group = newGroup()
        groups.set(id, group)
      }
      return group.add(withMetadata(batch, metadata))
    })

    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await within(Promise.all([...groups.values()].map((group) => group.stop())), stopGraceMs, env.clock)
  },
})

/** The metadata that keeps batches apart; the rest has no single value in a merged batch and is left out. */
function pick(metadata: OtelMetadata | undefined, keys: readonly string[]): OtelMetadata | undefined {
  if (keys.length === 0) return undefined
  return Object.fromEntries(keys.map((key) => [key, metadata?.[key] ?? '']))
}

function withMetadata({ type, count, bytes }: OtelBatch, metadata: OtelMetadata | undefined): OtelBatch {
  return metadata ? { type, count, bytes, metadata } : { type, count, bytes }
}
