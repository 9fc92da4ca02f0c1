import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../frame.ts'
import { Labels } from '../labels.ts'
import type { MetricsBatch } from './batch.ts'
import { decodeMetricsFrame, encodeMetricsFrame } from './frame.ts'
import { SeriesArena } from './series-arena.ts'
import { putNaN, staleNaN, wordsOf } from './special-values.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.toWellFormed())
const name = fc.oneof(
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/),
  text.filter((value) => value !== ''),
)
const labelSet = fc.dictionary(name, text, { maxKeys: 5 }).map((pairs) => Labels.from(Object.entries(pairs)))
const metadataType = fc.constantFrom('counter' as const, 'gauge' as const, 'unknown' as const)

const batches: fc.Arbitrary<MetricsBatch> = fc
  .record({
    sets: fc.array(labelSet, { minLength: 1, maxLength: 10 }),
    samples: fc.array(fc.tuple(fc.nat(), fc.double(), fc.maxSafeInteger()), { maxLength: 40 }),
    exemplars: fc.array(fc.tuple(fc.nat(), labelSet, fc.option(fc.maxSafeInteger(), { nil: undefined })), {
      maxLength: 3,
    }),
    metadata: fc.array(
      fc.tuple(
        text.filter((value) => value !== ''),
        fc.record({ type: metadataType, help: text, unit: text }),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ sets, samples, exemplars, metadata }) => {
    const table = new SeriesArena()
    for (const labels of sets) table.add(labels)
    return {
      type: 'prometheus.metrics',
      count: samples.length,
      table,
      series: Uint32Array.from(samples, ([pick]) => pick % sets.length),
      values: Float64Array.from(samples, ([, value]) => value),
      timestamps: Float64Array.from(samples, ([, , time]) => time),
      ...(samples.length === 0
        ? {}
        : {
            exemplars: exemplars.map(([pick, labels, timestampMs]) => ({
              sample: pick % samples.length,
              labels,
              value: pick,
              timestampMs,
            })),
          }),
      metadata: new Map(metadata),
    }
  })

function plain(batch: MetricsBatch) {
  return {
    rows: [...batch.series].map((series) => batch.table.labels(series).key),
    encoded: [...batch.series].map((series) => Buffer.from(batch.table.encodedLabels(series)).toString('hex')),
    values: [...wordsOf(batch.values.slice())],
    timestamps: [...batch.timestamps],
    exemplars: (batch.exemplars ?? []).map(({ labels, ...rest }) => ({ ...rest, labels: labels.key })),
    metadata: Object.fromEntries(batch.metadata ?? []),
  }
}

describe('encodeMetricsFrame() and decodeMetricsFrame()', () => {
  test('give back the batch, wherever the frame lies', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 0, max: 9 }), (batch, offset) => {
        const frame = encodeFrame(batch)
        const moved = new Uint8Array(frame.length + offset)
        moved.set(frame, offset)
        expect(plain(decodeFrame(moved.subarray(offset)) as MetricsBatch)).toEqual(plain(batch))
      }),
    )
  })

  test('keep the bits of the staleness marker', () => {
    const table = new SeriesArena()
    const values = new Float64Array(1)
    putNaN(wordsOf(values), 0, staleNaN)
    const batch: MetricsBatch = {
      type: 'prometheus.metrics',
      count: 1,
      table,
      series: Uint32Array.of(table.add(Labels.from([['a', 'b']]))),
      values,
      timestamps: Float64Array.of(1),
    }
    expect([...wordsOf(decodeMetricsFrame(encodeMetricsFrame(batch)).values)]).toEqual([...staleNaN])
  })

  test('decode refuses or reads any changed frame, and never reads beyond it', () => {
    fc.assert(
      fc.property(
        batches,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (batch, changes, cut) => {
          const frame = encodeMetricsFrame(batch)
          for (const [at, byte] of changes) frame[at % frame.length] = byte
          let decoded: MetricsBatch
          try {
            decoded = decodeMetricsFrame(cut % 3 === 0 ? frame.slice(0, cut % frame.length) : frame)
          } catch (error) {
            expect((error as Error).message).toMatch(/^Cannot /)
            return
          }
          plain(decoded)
        },
      ),
      { numRuns: 300 },
    )
  })
})
