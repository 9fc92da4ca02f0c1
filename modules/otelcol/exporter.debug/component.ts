import { debugMetricsBlock, fixed } from '@ingot/kits'
import { defineComponent, delivered, receiver } from '@ingot/sdk'
import { z } from 'zod'
import { describeBatch } from './describe-batch.ts'
import { Sampler } from './sampler.ts'

export default defineComponent({
  name: 'otelcol.exporter.debug',
  stability: 'experimental',
  summary: 'Writes metrics, logs and traces to the log of the collector.',
  settles: 'with delivery',
  scaling: 'replicate',
  signals: ['otel.metrics', 'otel.logs', 'otel.traces'],
  arguments: z.strictObject({
    verbosity: z
      .enum(['basic', 'normal', 'detailed'])
      .default('basic')
      .describe('What is written of a batch: "basic" counts, "normal" one line a record, "detailed" everything.'),
    sampling_initial: z.int().min(0).default(2).describe('Messages of one signal that are written each second.'),
    sampling_thereafter: z
      .int()
      .min(0)
      .default(1)
      .describe('Of the messages beyond `sampling_initial`, every how many-th is written; 0 for none.'),
    use_internal_logger: fixed(z.boolean(), true).describe('Whether messages go to the log of the collector.'),
    output_paths: fixed(z.array(z.string()), ['stdout']).describe('Where messages go without the internal logger.'),
    debug_metrics: debugMetricsBlock(),
  }),
  exports: z.object({
    input: receiver('otel.metrics', 'otel.logs', 'otel.traces').describe('Takes records of all three signals.'),
  }),
  capabilities: { clock: [{ why: 'Counts messages by the second.' }] },
  run({ args, env, ledger, receive }) {
    const sampler = new Sampler(args.sampling_initial, args.sampling_thereafter)
    receive('input', (batch) => {
      if (sampler.takes(batch.type, env.clock.now())) {
        const { message, fields } = describeBatch(batch, args.verbosity)
        env.log.info(message, fields)
      }
      ledger.sent(batch.count)
      return Promise.resolve(delivered)
    })
  },
})
