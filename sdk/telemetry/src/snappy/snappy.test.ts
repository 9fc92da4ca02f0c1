import * as fc from 'fast-check'
import { compressSync, uncompressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { snappyCompress, snappyLengthMax } from './snappy-compress.ts'
import { snappyDecompress, SnappyError, snappyLength } from './snappy-decompress.ts'

const unpack = (bytes: Uint8Array) => new Uint8Array(uncompressSync(bytes, { asBuffer: true }) as Uint8Array)

/** Bytes with repetitions near and far, as telemetry has. */
const repetitive = fc
  .tuple(
    fc.array(fc.uint8Array({ maxLength: 90 }), { minLength: 1, maxLength: 8 }),
    fc.array(fc.nat(), { maxLength: 200 }),
  )
  .map(([pieces, picks]) => Uint8Array.from(picks.flatMap((pick) => [...pieces[pick % pieces.length]!])))

describe('snappyCompress()', () => {
  test('writes what the reference reads back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), repetitive), (input) => {
        const packed = snappyCompress(input)
        expect(packed.length).toBeLessThanOrEqual(snappyLengthMax(input.length))
        expect(unpack(packed)).toEqual(input)
        expect(snappyDecompress(packed, input.length)).toEqual(input)
      }),
      { numRuns: 300 },
    )
  })

  test('is right over the borders of fragments', () => {
    for (const length of [65_535, 65_536, 65_537, 65_550, 200_000]) {
      const input = new Uint8Array(length)
      for (let i = 0; i < length; i++) input[i] = i % 7 === 0 ? (i * 2654435761) >>> 24 : i % 251
      expect(unpack(snappyCompress(input))).toEqual(input)
    }
  })

  test('comes near to the reference in size', () => {
    let text = ''
    for (let i = 0; i < 3000; i++)
      text += `http_requests_total{instance="10.0.${i % 255}.7:9100",job="node",code="${200 + (i % 5)}"} ${i * 17}\n`
    const input = new TextEncoder().encode(text)
    expect(snappyCompress(input).length).toBeLessThan(compressSync(Buffer.from(input)).length * 1.1)
  })
})

describe('snappyDecompress()', () => {
  test('reads what the reference writes', () => {
    fc.assert(
      fc.property(repetitive, (input) => {
        expect(snappyDecompress(new Uint8Array(compressSync(Buffer.from(input))), 1 << 20)).toEqual(input)
      }),
    )
  })

  test('refuses a block beyond the bound without making room for it', () => {
    const packed = snappyCompress(new Uint8Array(1000)).slice()
    expect(snappyLength(packed)).toBe(1000)
    expect(() => snappyDecompress(packed, 999)).toThrow(expect.objectContaining({ code: 'too_large' }))
    expect(() => snappyDecompress(Uint8Array.of(255, 255, 255, 255, 15, 0), 2 ** 32)).toThrow(SnappyError)
  })

  test('throws only its own error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          snappyDecompress(bytes, 1 << 16)
        } catch (error) {
          expect(error).toBeInstanceOf(SnappyError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
