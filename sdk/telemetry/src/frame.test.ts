import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame, encodeFrameParts } from './frame.ts'
import { Labels } from './labels.ts'
import type { Batch } from './batch.ts'

const line = new TextEncoder().encode('hello')
const batches: Batch[] = [
  {
    type: 'loki.logs',
    count: 1,
    arena: line,
    starts: new Uint32Array([0]),
    ends: new Uint32Array([line.length]),
    streamIds: new Uint32Array([0]),
    streams: [Labels.from([['job', 'test']])],
    seconds: new Float64Array([1_700_000_000]),
    nanos: new Uint32Array([5]),
  },
  { type: 'otel.traces', count: 0, bytes: new Uint8Array(0) },
  { type: 'otel.logs', count: 0, bytes: new Uint8Array(0) },
  { type: 'otel.metrics', count: 0, bytes: new Uint8Array(0) },
]

test.each(batches)('decodeFrame() gives back the type and count of a batch of $type', (batch) => {
  const { type, count } = decodeFrame(encodeFrame(batch))
  expect({ type, count }).toEqual({ type: batch.type, count: batch.count })
})

test.each(batches)('encodeFrameParts() of a batch of $type are its frame', (batch) => {
  expect(Buffer.concat(encodeFrameParts(batch))).toEqual(Buffer.from(encodeFrame(batch)))
})

test('encodeFrameParts() do not copy lines that lie together, and leave out what lies around them', () => {
  const [{ arena: _, ...logs }] = batches as [Extract<Batch, { readonly type: 'loki.logs' }>]
  const arena = Buffer.concat([Buffer.alloc(3, '-'), line, Buffer.alloc(100, '-')])
  const batch = { ...logs, arena, starts: new Uint32Array([3]), ends: new Uint32Array([3 + line.length]) }
  const parts = encodeFrameParts(batch)
  expect(parts[1]).toEqual(arena.subarray(3, 3 + line.length))
  expect(parts[1]!.buffer).toBe(arena.buffer)
  expect(Buffer.concat(parts)).toEqual(Buffer.from(encodeFrame(batch)))
})

test('decodeFrame() refuses or reads any bytes, and never does anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(decodeFrame(bytes).count).toBeGreaterThanOrEqual(0)
      } catch (error) {
        expect((error as Error).message).toMatch(/^Cannot read/)
      }
    }),
  )
})
