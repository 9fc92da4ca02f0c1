import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Labels } from '../labels.ts'
import { decodeLines, encodeLines } from './line-codec.ts'
import { LogsBatchBuilder, mapText, type LogsBatch } from './index.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
let decoded = 0
const text = {
  decode: (bytes: Uint8Array) => {
    decoded++
    return decoder.decode(bytes)
  },
  encode: (line: string) => new TextEncoder().encode(line),
}
const bytesOf = (batch: LogsBatch, i: number): Uint8Array => batch.arena.subarray(batch.starts[i], batch.ends[i])
const alone = (batch: LogsBatch): string[] =>
  Array.from({ length: batch.count }, (_, i) => decoder.decode(bytesOf(batch, i)))

function batchOf(lines: readonly Uint8Array[], gap: readonly number[]): LogsBatch {
  const builder = new LogsBatchBuilder()
  builder.adopt(Uint8Array.from(lines.flatMap((line) => [...line, ...gap])))
  const stream = builder.stream(Labels.empty)
  let at = 0
  for (const line of lines) {
    builder.appendSpan(stream, at, at + line.length, 1, 0)
    at += line.length + gap.length
  }
  return builder.build()
}

const characters = fc.string({
  unit: fc.constantFrom('a', 'é', '€', '😀', '\ufeff', '\ufffd', '\n', '\ud83d', '\ude00'),
})
const bytes = fc.oneof(
  characters.map((line) => new TextEncoder().encode(line)),
  fc.array(fc.constantFrom(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xff)).map((each) => Uint8Array.from(each)),
)

test('decodeLines() gives what each line gives alone, whatever its bytes and what lies between', () => {
  const gaps = fc.constantFrom([], [10], [0xac], [0xf0, 0x9f], [10, 10, 10, 10, 10, 10, 10, 10])
  fc.assert(
    fc.property(fc.array(bytes), gaps, (lines, gap) => {
      const batch = batchOf(lines, gap)
      expect(decodeLines(batch, text)).toEqual(alone(batch))
    }),
    { numRuns: 2_000 },
  )
})

test('decodeLines() decodes a batch once, where its lines are valid and lie together', () => {
  for (const lines of [['one', 'two'], ['für', '€ 5', '😀'], ['']]) {
    const batch = batchOf(
      lines.map((line) => new TextEncoder().encode(line)),
      [10],
    )
    decoded = 0
    expect(decodeLines(batch, text)).toEqual(lines)
    expect(decoded).toBe(1)
  }
})

test('encodeLines() gives what each line gives alone', () => {
  fc.assert(
    fc.property(fc.array(characters), (lines) => {
      const { arena, starts, ends } = encodeLines(lines, text)
      expect(lines.map((_, i) => [...arena.subarray(starts[i], ends[i])])).toEqual(
        lines.map((line) => [...text.encode(line)]),
      )
    }),
    { numRuns: 2_000 },
  )
})

test('mapText() changes the lines that it is to change, and keeps the bytes of others', () => {
  fc.assert(
    fc.property(fc.array(bytes), fc.integer({ min: 1, max: 3 }), (lines, every) => {
      const batch = batchOf(lines, [10])
      const mapped = mapText(batch, text, (line, i) => (i % every === 0 ? `${line}!` : line))
      const want = lines.map((line, i) => (i % every === 0 ? text.encode(`${decoder.decode(line)}!`) : line))
      expect(lines.map((_, i) => [...bytesOf(mapped, i)])).toEqual(want.map((line) => [...line]))
    }),
  )
})
