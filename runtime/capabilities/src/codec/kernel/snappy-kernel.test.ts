import { readFileSync } from 'node:fs'
import { snappyCompress } from '@ingot/telemetry'
import * as fc from 'fast-check'
import snappy from 'snappy'
import { expect, test } from 'vitest'
import { buildKernel, kernelFile } from './build-kernel.ts'
import { snappyKernel } from './snappy-kernel.ts'

test('snappy.wasm is what its source compiles to', { timeout: 60_000 }, async () => {
  expect(Buffer.compare(await buildKernel(), readFileSync(kernelFile))).toBe(0)
})

/** Bytes that repeat at all distances, within fragments and across them, and bytes that do not. */
const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.record({ byte: fc.nat(255), times: fc.nat(70_000) }).map(({ byte, times }) => new Uint8Array(times).fill(byte)),
    fc
      .record({ text: fc.string({ minLength: 1, maxLength: 40 }), times: fc.nat(2000) })
      .map(({ text, times }) => Buffer.from(text.repeat(times))),
  ),
  { maxLength: 12 },
)

test('snappyKernel() compresses as its twin does, to what the native codec reads', () => {
  fc.assert(
    fc.property(pieces, fc.boolean(), (parts, twice) => {
      const data = Buffer.concat(twice ? [...parts, ...parts] : parts)
      const compressed = Buffer.from(snappyKernel(data))
      expect(Buffer.compare(compressed, snappyCompress(data))).toBe(0)
      expect(Buffer.compare(snappy.uncompressSync(compressed) as Buffer, data)).toBe(0)
    }),
  )
})

test('snappyKernel() makes room for large inputs, and takes what has no room', () => {
  for (const length of [0, 1, 5 << 20, (64 << 20) + 1]) {
    const data = Buffer.alloc(length, 'abcdefg ')
    expect(Buffer.compare(snappy.uncompressSync(Buffer.from(snappyKernel(data))) as Buffer, data)).toBe(0)
  }
})
