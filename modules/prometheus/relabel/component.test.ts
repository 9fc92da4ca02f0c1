import { Labels, SeriesArena, staleNaN, wordsOf, type MetricsBatch } from '@ingot/telemetry'
import { runComponent, testComponent } from '@ingot/testing'
import { describe, expect, test } from 'vitest'
import relabel from './component.ts'

const args = {
  rule: [
    { source_labels: ['__name__'], regex: 'drop_.*', action: 'drop' },
    { source_labels: ['a'], target_label: 'b', replacement: 'x-$1' },
  ],
}
const table = new SeriesArena()
const ids = ['m1', 'drop_me', 'm2'].map((name) =>
  table.add(
    Labels.from([
      ['__name__', name],
      ['a', name.at(-1)!],
    ]),
  ),
)

function batchOf(series: Uint32Array, more: Partial<MetricsBatch> = {}): MetricsBatch {
  const values = Float64Array.from(series, (id) => id * 10)
  return {
    type: 'prometheus.metrics',
    count: series.length,
    table,
    series,
    values,
    timestamps: new Float64Array(series.length).fill(7),
    ...more,
  }
}

testComponent(relabel, { args, send: [{ port: 'receiver', batch: batchOf(Uint32Array.from(ids)) }] }, { test })

describe('prometheus.relabel', () => {
  test('rewrites labels and drops samples, with their exemplars in step', async () => {
    const run = await runComponent(relabel, { args })
    const exemplars = [0, 1, 2].map((sample) => ({
      sample,
      labels: Labels.from([['t', String(sample)]]),
      value: 1,
      timestampMs: undefined,
    }))
    const batch = batchOf(Uint32Array.from(ids), { exemplars })
    wordsOf(batch.values).set(staleNaN, 4)
    expect(await run.send('receiver', batch)).toEqual({ status: 'delivered' })
    const out = run.outputs['forward_to']!.batches[0] as MetricsBatch
    expect([...out.series].map((series) => out.table.labels(series).toObject())).toEqual([
      { __name__: 'm1', a: '1', b: 'x-1' },
      { __name__: 'm2', a: '2', b: 'x-2' },
    ])
    expect([...wordsOf(out.values)].slice(2)).toEqual([...staleNaN])
    expect(out.exemplars?.map(({ sample, labels }) => [sample, labels.get('t')])).toEqual([
      [0, '0'],
      [1, '2'],
    ])
    run.ledger.balance()
    expect(run.ledger.snapshot.dropped).toEqual({ relabel: 1 })
    await run.stop()
  })

  test('works out each series once and shares columns and values', async () => {
    const run = await runComponent(relabel, { args: { rule: [args.rule[1]] } })
    const series = Uint32Array.from(ids)
    const [first, second] = [batchOf(series), batchOf(series)]
    await run.send('receiver', first)
    await run.send('receiver', second)
    const [a, b] = run.outputs['forward_to']!.batches as MetricsBatch[]
    expect(a!.table).toBe(b!.table)
    expect(a!.series).toBe(b!.series)
    expect(b!.values).toBe(second.values)
    expect(run.env.metrics.value('prometheus_relabel_cache_misses')).toBe(3)
    expect(run.env.metrics.value('prometheus_relabel_cache_hits')).toBe(3)
    await run.stop()
  })

  test('does not count drops of a batch that is refused', async () => {
    const run = await runComponent(relabel, { args })
    run.outputs['forward_to']!.outcome = { status: 'refused', reason: 'full' }
    expect((await run.send('receiver', batchOf(Uint32Array.from(ids)))).status).toBe('refused')
    run.ledger.balance()
    expect(run.ledger.snapshot).toMatchObject({ refused: 3, dropped: {} })
    await run.stop()
  })

  test('starts over beyond max_cache_size', async () => {
    const run = await runComponent(relabel, { args: { ...args, max_cache_size: 1 } })
    for (let i = 0; i < 3; i++) await run.send('receiver', batchOf(Uint32Array.from(ids)))
    expect(run.env.metrics.value('prometheus_relabel_cache_misses')).toBe(9)
    await run.stop()
  })

  test('exports its rules', async () => {
    const run = await runComponent(relabel, { args })
    expect(run.exports['rules']).toMatchObject([{ action: 'drop', separator: ';' }, { action: 'replace' }])
    await run.stop()
  })
})
