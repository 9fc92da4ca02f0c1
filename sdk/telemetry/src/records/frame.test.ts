import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../frame.ts'
import type { RecordsBatch } from './batch.ts'

const type = 'records<orders:0123456789abcdef>'
const utf8 = new TextEncoder()
const batch: RecordsBatch = { type, count: 2, bytes: utf8.encode('{"id":1}\n{"id":2}\n') }

test('a frame of records gives back what went in', () => {
  fc.assert(
    fc.property(fc.array(fc.json({ noUnicodeString: false })), (rows) => {
      const bytes = utf8.encode(rows.map((row) => `${row}\n`).join(''))
      const sent: RecordsBatch = { type, count: rows.length, bytes }
      expect(decodeFrame(encodeFrame(sent))).toEqual(sent)
    }),
  )
})

test.each([
  ['another number of rows', { ...batch, count: 3 }, 'found 2 rows, want 3'],
  ['a row without an end', { ...batch, bytes: utf8.encode('{"id":1}\n{') }, 'rows, want 2'],
  ['another type', { ...batch, type: 'records<Orders>' as const }, 'found no type of records'],
])('decodeFrame() refuses records with %s', (_, wrong, message) => {
  expect(() => decodeFrame(encodeFrame(wrong))).toThrow(message)
})

test('decodeFrame() refuses any piece and any change of a frame of records, or reads one', () => {
  const whole = encodeFrame(batch)
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
      const changed = whole.slice(0, end)
      if (at < end) changed[at] = byte
      try {
        expect(decodeFrame(changed).count).toBeLessThanOrEqual(2)
      } catch (error) {
        expect((error as Error).message).toMatch(/^Cannot read/)
      }
    }),
  )
})
