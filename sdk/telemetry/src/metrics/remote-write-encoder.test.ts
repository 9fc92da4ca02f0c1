import * as fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { Labels } from '../labels.ts'
import type { Exemplar } from './batch.ts'
import { RemoteWriteEncoder } from './remote-write-encoder.ts'
import { SeriesArena } from './series-arena.ts'
import { staleNaN, wordsOf } from './special-values.ts'

const { root } = protobuf.parse(`syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }`)
const WriteRequest = root.lookupType('WriteRequest')
const decode = (bytes: Uint8Array) =>
  WriteRequest.toObject(WriteRequest.decode(bytes), { longs: Number, defaults: true, arrays: true })

const text = fc.string({ unit: 'grapheme', maxLength: 140 }).map((value) => value.toWellFormed())
const labelSet = fc
  .dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,9}$/), text, { maxKeys: 6 })
  .map((pairs) => Labels.from([['__name__', 'm'], ...Object.entries(pairs)]))
const pairsOf = (labels: Labels) => [...labels.entries()].map(([name, value]) => ({ name, value }))

describe('RemoteWriteEncoder', () => {
  test('writes what a protobuf reader gives back', () => {
    const row = fc.record({
      labels: labelSet,
      value: fc.double({ noNaN: true }),
      time: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
      exemplar: fc.option(labelSet, { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const encoder = new RemoteWriteEncoder()
        const table = new SeriesArena()
        const words = wordsOf(Float64Array.from(rows, (each) => each.value))
        rows.forEach((each, i) => {
          const exemplar: Exemplar | undefined = each.exemplar && {
            sample: i,
            labels: each.exemplar,
            value: each.value,
            timestampMs: undefined,
          }
          encoder.sample(table, table.add(each.labels), words, i, each.time, exemplar)
        })
        expect(encoder.samples).toBe(rows.length)
        expect(decode(encoder.view())['timeseries']).toEqual(
          rows.map((each) => ({
            labels: pairsOf(each.labels),
            samples: [{ value: each.value, timestamp: each.time }],
            exemplars: each.exemplar
              ? [{ labels: pairsOf(each.exemplar), value: each.value, timestamp: each.time }]
              : [],
          })),
        )
      }),
    )
  })

  test('keeps the bits of the staleness marker', () => {
    const encoder = new RemoteWriteEncoder()
    const table = new SeriesArena()
    encoder.sample(table, table.add(Labels.from([['__name__', 'a']])), Uint32Array.from(staleNaN), 0, 1)
    expect(Buffer.from(encoder.view()).toString('hex')).toContain('09020000000000f07f')
  })

  test('writes metadata', () => {
    const encoder = new RemoteWriteEncoder()
    encoder.family('a', { type: 'histogram', help: 'Zeit in µs', unit: 'seconds' })
    encoder.family('b', { type: 'unknown', help: '', unit: '' })
    expect(decode(encoder.view())['metadata']).toEqual([
      { type: 3, metricFamilyName: 'a', help: 'Zeit in µs', unit: 'seconds' },
      { type: 0, metricFamilyName: 'b', help: '', unit: '' },
    ])
    expect(encoder.metadata).toBe(2)
  })
})
