import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from './request-record.ts'

const record = fc.record({
  epoch: fc.maxSafeNat(),
  createdMs: fc.double({ noNaN: true }),
  newestMs: fc.double({ noNaN: true }),
  samples: fc.nat(),
  exemplars: fc.nat(),
  metadata: fc.nat(),
  body: fc.uint8Array({ maxLength: 100 }),
})

test('decodeRecord() gives back what encodeRecord() was given', () => {
  fc.assert(
    fc.property(record, (given) => {
      expect(decodeRecord(encodeRecord(given))).toEqual(given)
    }),
  )
})

test('decodeRecord() refuses other bytes', () => {
  expect(() => decodeRecord(new Uint8Array(10))).toThrow('shorter than its header')
  expect(() => decodeRecord(new Uint8Array(100))).toThrow('does not begin as one')
})
