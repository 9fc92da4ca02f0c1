import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordHeader, scanRecords } from './record.ts'

function fileOf(payloads: readonly Uint8Array[]): Buffer {
  const chunks: Uint8Array[] = []
  let end = 0
  for (const payload of payloads) {
    const header = recordHeader([payload], end)
    chunks.push(header, payload)
    end += header.length + payload.length
  }
  return Buffer.concat(chunks)
}

function read(file: Buffer): string[] {
  return scanRecords(file).payloads.map(({ start, end }) => file.toString('hex', start, end))
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 })

test('scanRecords() gives back what was written', () => {
  fc.assert(
    fc.property(payloads, (written) => {
      const file = fileOf(written)
      expect(read(file)).toEqual(written.map(hex))
      expect(scanRecords(file)).toMatchObject({ goodEnd: file.length, unreadable: [] })
    }),
  )
})

test('scanRecords() keeps every whole record of a file that is cut at any byte', () => {
  const written = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three is longer'), Buffer.from('4')]
  const file = fileOf(written)
  const ends = written.map((_, i) => fileOf(written.slice(0, i + 1)).length)
  for (let cut = 0; cut <= file.length; cut++) {
    const whole = ends.filter((end) => end <= cut).length
    const found = scanRecords(file.subarray(0, cut))
    expect(found.payloads).toHaveLength(whole)
    expect(found.goodEnd).toBe(whole === 0 ? 0 : ends[whole - 1])
  }
})

test('scanRecords() loses only the record in which a bit flipped', () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.nat(7), (written, at, bit) => {
      const file = fileOf(written)
      const flipped = at % file.length
      file[flipped]! ^= 1 << bit
      const ends = written.map((_, i) => fileOf(written.slice(0, i + 1)).length)
      const hit = ends.findIndex((end) => flipped < end)
      expect(read(file)).toEqual(written.filter((_, i) => i !== hit).map(hex))
      expect(scanRecords(file).unreadable).toHaveLength(1)
    }),
    { numRuns: 500 },
  )
})

test('scanRecords() takes no record from inside the payload of a damaged one', () => {
  const inner = fileOf([Buffer.from('forged')])
  const file = fileOf([Buffer.concat([Buffer.from('x'), inner]), Buffer.from('good')])
  file[8]! ^= 1
  expect(read(file)).toEqual([hex(Buffer.from('good'))])
})

test('scanRecords() survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { goodEnd } = scanRecords(Buffer.from(bytes))
      expect(goodEnd).toBeLessThanOrEqual(bytes.length)
    }),
  )
})
