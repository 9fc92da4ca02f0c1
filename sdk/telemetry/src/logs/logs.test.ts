import * as fc from 'fast-check'
import { parse } from 'protobufjs'
import { expect, test } from 'vitest'
import { Labels } from '../labels.ts'
import {
  decodeLogsFrame,
  encodeLogsFrame,
  formatLabels,
  lineBytes,
  LogsBatchBuilder,
  LokiPushEncoder,
  mapText,
  quoteGo,
  replaceLines,
  selectLines,
  type LogsBatch,
} from './index.ts'

interface Line {
  readonly line: Uint8Array
  readonly labels: Labels
  readonly seconds: number
  readonly nanos: number
  readonly metadata: Labels | undefined
  /** Taken as a span of an adopted arena, or copied. */
  readonly span: boolean
}

const labels = fc
  .dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string({ unit: 'grapheme', minLength: 1 }), { maxKeys: 4 })
  .map((pairs) => Labels.from(Object.entries(pairs)))
const line: fc.Arbitrary<Line> = fc.record({
  line: fc.uint8Array({ maxLength: 300 }),
  labels,
  seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  metadata: fc.option(labels, { nil: undefined }),
  span: fc.boolean(),
})
const lines = fc.array(line, { maxLength: 30 })

function build(wanted: readonly Line[]): LogsBatch {
  const builder = new LogsBatchBuilder(2)
  const arena = Uint8Array.from(wanted.flatMap(({ line, span }) => (span ? [...line, 10] : [])))
  builder.adopt(arena)
  let at = 0
  for (const { line, labels, seconds, nanos, metadata, span } of wanted) {
    const stream = builder.stream(labels)
    if (span) {
      builder.appendSpan(stream, at, at + line.length, seconds, nanos, metadata)
      at += line.length + 1
    } else builder.append(stream, line, 0, line.length, seconds, nanos, metadata)
  }
  return builder.build()
}

function plain(batch: LogsBatch) {
  return Array.from({ length: batch.count }, (_, i) => ({
    line: [...lineBytes(batch, i)],
    labels: batch.streams[batch.streamIds[i]!]!.toObject(),
    seconds: batch.seconds[i],
    nanos: batch.nanos[i],
    metadata: batch.metadata?.[i]?.toObject(),
  }))
}

function expected(wanted: readonly Line[]) {
  return wanted.map(({ line, labels, seconds, nanos, metadata }) => ({
    line: [...line],
    labels: labels.toObject(),
    seconds,
    nanos,
    metadata: metadata?.toObject(),
  }))
}

test('LogsBatchBuilder keeps what it is given, copied or adopted', () => {
  fc.assert(
    fc.property(lines, (wanted) => {
      expect(plain(build(wanted))).toEqual(expected(wanted))
    }),
  )
})

test('LogsBatchBuilder splits an arena into lines as a text is split', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[ab\r\n]{0,30}$/),
      fc.nat({ max: 30 }),
      fc.constantFrom(0, 999_999_998),
      (text, cut, nanos) => {
        const arena = new TextEncoder().encode(text)
        const end = Math.min(cut, arena.length)
        const builder = new LogsBatchBuilder(1)
        builder.adopt(arena)
        builder.appendLines(builder.stream(Labels.empty), 0, end, 5, nanos)
        const batch = builder.build()
        const want = text.slice(0, end).split('\n')
        if (want.at(-1) === '') want.pop()
        const found = Array.from({ length: batch.count }, (_, i) => new TextDecoder().decode(lineBytes(batch, i)))
        expect(found).toEqual(want.map((line) => line.replace(/\r$/, '')))
        found.forEach((_, i) => expect(batch.seconds[i]! * 1e9 + batch.nanos[i]!).toBe(5e9 + nanos + i))
      },
    ),
  )
})

test('LogsBatchBuilder starts anew after each batch', () => {
  const builder = new LogsBatchBuilder()
  const first = Labels.from([['a', '1']])
  builder.append(builder.stream(first), Uint8Array.of(65), 0, 1, 1, 2, first)
  builder.build()
  expect(builder.count).toBe(0)
  builder.append(builder.stream(Labels.empty), Uint8Array.of(66), 0, 1, 3, 4)
  const batch = builder.build()
  expect(batch.metadata).toBeUndefined()
  expect(batch.streams).toEqual([Labels.empty])
})

test('LogsBatchBuilder lends what it would build, and its columns serve again afterwards', () => {
  const builder = new LogsBatchBuilder(1)
  for (const text of ['a\nbb\n\nc\n', 'dddd\n']) {
    const arena = new TextEncoder().encode(text)
    builder.adopt(arena)
    builder.appendLines(builder.stream(Labels.empty), 0, arena.length, 7, 1)
    const batch = builder.lend()
    const found = Array.from({ length: batch.count }, (_, i) => new TextDecoder().decode(lineBytes(batch, i)))
    expect(found).toEqual(text.split('\n').slice(0, -1))
    expect(builder.count).toBe(0)
  }
})

test('a frame gives back the batch, whatever its alignment', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 0, max: 7 }), (wanted, shift) => {
      const frame = encodeLogsFrame(build(wanted))
      const moved = new Uint8Array(frame.length + shift)
      moved.set(frame, shift)
      expect(plain(decodeLogsFrame(moved.subarray(shift)))).toEqual(expected(wanted))
    }),
  )
})

test('a frame of few lines of a large arena is small', () => {
  const builder = new LogsBatchBuilder()
  builder.adopt(new Uint8Array(1 << 20).fill(65))
  const stream = builder.stream(Labels.empty)
  builder.appendSpan(stream, 10, 20, 1, 0)
  builder.appendSpan(stream, 1_000_000, 1_000_010, 1, 0)
  const frame = encodeLogsFrame(builder.build())
  expect(frame.length).toBeLessThan(200)
  expect(decodeLogsFrame(frame).count).toBe(2)
})

test('decodeLogsFrame() gives a sound batch or throws for every changed frame', () => {
  fc.assert(
    fc.property(
      lines,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (wanted, changes, cut) => {
        const frame = encodeLogsFrame(build(wanted))
        for (const [at, value] of changes) frame[at % frame.length] = value
        const bytes = cut % 3 === 0 ? frame.subarray(0, cut % frame.length) : frame
        let batch: LogsBatch
        try {
          batch = decodeLogsFrame(bytes)
        } catch (error) {
          expect(String(error)).toMatch(/Cannot read a frame/)
          return
        }
        for (let i = 0; i < batch.count; i++) {
          expect(batch.starts[i]!).toBeLessThanOrEqual(batch.ends[i]!)
          expect(batch.ends[i]!).toBeLessThanOrEqual(batch.arena.length)
          expect(batch.streams[batch.streamIds[i]!]).toBeDefined()
        }
      },
    ),
    { numRuns: 500 },
  )
})

// The schema of github.com/grafana/loki pkg/push, as far as it goes over the wire.
const schema = `syntax = "proto3";
message PushRequest { repeated Stream streams = 1; }
message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
message Entry { Timestamp timestamp = 1; bytes line = 2; repeated Pair structuredMetadata = 3; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Pair { string name = 1; string value = 2; }`
const pushRequest = parse(schema).root.lookupType('PushRequest')

interface Pushed {
  readonly streams: readonly {
    readonly labels: string
    readonly entries: readonly {
      readonly timestamp: { readonly seconds: string; readonly nanos: number }
      readonly line: Uint8Array
      readonly structuredMetadata: readonly { readonly name: string; readonly value: string }[]
    }[]
  }[]
}

test('a push request decodes to the entries of its parts, by stream and in order', () => {
  const encoder = new LokiPushEncoder(formatLabels)
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 4 }), fc.nat(), (batches, skip) => {
      const parts = batches.map((wanted) => ({
        batch: build(wanted),
        from: skip % (wanted.length + 1),
        to: wanted.length,
      }))
      const bytes = encoder.encode(parts).slice()
      const decoded = pushRequest.toObject(pushRequest.decode(bytes), {
        longs: String,
        arrays: true,
        defaults: true,
      }) as Pushed
      const streams = new Map<string, unknown[]>()
      for (const [i, wanted] of batches.entries()) {
        for (const { line, labels, seconds, nanos, metadata } of wanted.slice(parts[i]!.from)) {
          const entries = streams.get(formatLabels(labels)) ?? []
          streams.set(formatLabels(labels), entries)
          entries.push({ line: [...line], seconds: String(seconds), nanos, metadata: [...(metadata?.entries() ?? [])] })
        }
      }
      const found = decoded.streams.map(({ labels, entries }) => [
        labels,
        entries.map(({ line, timestamp, structuredMetadata }) => ({
          line: [...line],
          seconds: timestamp.seconds,
          nanos: timestamp.nanos,
          metadata: structuredMetadata.map(({ name, value }) => [name, value]),
        })),
      ])
      expect(found).toEqual([...streams])
    }),
  )
})

test('quoteGo() writes what Go reads', () => {
  expect(quoteGo('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"')
  expect(quoteGo('tab\tnew\nbell\u0007nul\u0000')).toBe('"tab\\tnew\\nbell\\anul\\x00"')
  expect(quoteGo('größe 日本 😀')).toBe('"größe 日本 😀"')
  expect(quoteGo('\u200b\u00a0\u{e0001}')).toBe('"\\u200b\\u00a0\\U000e0001"')
  expect(
    formatLabels(
      Labels.from([
        ['b', 'x'],
        ['a', '"'],
      ]),
    ),
  ).toBe('{a="\\"", b="x"}')
})

test('selectLines() and replaceLines() change only what they are told', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (wanted) => {
      const batch = build(wanted)
      const even = wanted.map((_, i) => i).filter((i) => i % 2 === 0)
      const selected = selectLines(batch, even)
      expect(selected.arena).toBe(batch.arena)
      expect(plain(selected)).toEqual(expected(even.map((i) => wanted[i]!)))
      const replaced = replaceLines(
        batch,
        wanted.map((_, i) => (i % 2 === 0 ? Uint8Array.of(1, 2) : undefined)),
      )
      expect(plain(replaced)).toEqual(
        expected(wanted.map((one, i) => (i % 2 === 0 ? { ...one, line: Uint8Array.of(1, 2) } : one))),
      )
    }),
  )
})

test('mapText() returns the batch itself when nothing changes', () => {
  const text = {
    decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
    encode: (one: string) => new TextEncoder().encode(one),
  }
  const builder = new LogsBatchBuilder()
  for (const one of ['card 4111', 'nothing'])
    builder.append(builder.stream(Labels.empty), text.encode(one), 0, one.length, 1, 0)
  const batch = builder.build()
  expect(mapText(batch, text, (one) => one)).toBe(batch)
  const masked = mapText(batch, text, (one) => one.replace(/\d+/, '****'))
  expect([0, 1].map((i) => text.decode(lineBytes(masked, i)))).toEqual(['card ****', 'nothing'])
})
