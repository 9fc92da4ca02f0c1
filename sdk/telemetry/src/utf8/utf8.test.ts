import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePortably, decodeUtf8, encodePortably, encodeUtf8 } from './utf8.ts'

test('decodePortably() equals the host’s decoder on any bytes', () => {
  const host = new TextDecoder('utf-8', { ignoreBOM: true })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodePortably(bytes, 0, bytes.length)).toBe(host.decode(bytes))
      expect(decodeUtf8(bytes)).toBe(host.decode(bytes))
    }),
  )
})

test('encodePortably() equals the host’s encoder on any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodePortably(text)).toEqual(new TextEncoder().encode(text))
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
    }),
  )
})
