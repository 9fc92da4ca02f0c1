import { Relabeler, relabelRule, type RelabelRule } from '@ingot/kits'
import { blocks, capsule, defineComponent, delivered, duration, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'
import { RelabelBatches } from './relabel-batches.ts'

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export default defineComponent({
  name: 'prometheus.relabel',
  stability: 'generally-available',
  summary: 'Rewrites the labels of metrics, and drops samples, by relabel rules.',
  docs: 'Rules run once for each series, on its first sample. A batch settles as its receivers settle what is left of it.',
  arguments: z.strictObject({
    forward_to: receivers('prometheus.metrics').describe('Receivers of the relabelled samples.'),
    max_cache_size: z
      .number()
      .int()
      .min(1)
      .default(100_000)
      .describe('Most series of one source whose result is remembered.'),
    cache_ttl: duration()
      .prefault('0')
      .describe('How long results are remembered; 0 means as long as their source lives.'),
    rule: blocks(relabelRule).default([]).describe('Relabel rules, in order.'),
  }),
  exports: z.object({
    receiver: receiver('prometheus.metrics').describe('Takes the samples to relabel.'),
    rules: capsule<readonly RelabelRule[]>('RelabelRules').describe('The rules, for other components.'),
  }),
  capabilities: { clock: [{ why: 'Knows how long results have been remembered.' }] },
  scaling: 'replicate',
  settles: 'with delivery',
  run({ args, env, ledger, receive, setExports }) {
    const batches = new RelabelBatches(new Relabeler(args.rule), args.max_cache_size, args.cache_ttl)
    const counter = (name: string, help: string) => env.metrics.counter(`prometheus_relabel_${name}`, help)
    const processed = counter('metrics_processed', 'Total number of metrics processed')
    const written = counter('metrics_written', 'Total number of metrics written')
    const hits = counter('cache_hits', 'Total number of cache hits')
    const misses = counter('cache_misses', 'Total number of cache misses')
    const expired = counter('cache_ttl_evictions', 'Total number of results forgotten after their time')
    const size = env.metrics.gauge('prometheus_relabel_cache_size', 'Total size of relabel cache')
    const latency = env.metrics.histogram(
      'prometheus_fanout_latency',
      'Write latency for sending to direct and indirect components',
      latencyBuckets,
    )
    setExports({ rules: args.rule })
    receive('receiver', async (batch) => {
      const before = { ...batches.counts }
      const started = env.clock.monotonic()
      const relabelled = batches.apply(batch, started)
      const { counts } = batches
      hits.add(counts.hits - before.hits)
      misses.add(counts.misses - before.misses)
      expired.add(counts.expired - before.expired)
      size.set(counts.misses - counts.expired)
      processed.add(batch.count)
      const outcome = relabelled.count === 0 ? delivered : await args.forward_to.emit(relabelled)
      if (outcome.status === 'refused') return outcome
      written.add(relabelled.count)
      ledger.dropped(batch.count - relabelled.count, 'relabel')
      latency.observe((env.clock.monotonic() - started) / 1000)
      return outcome
    })
  },
})
