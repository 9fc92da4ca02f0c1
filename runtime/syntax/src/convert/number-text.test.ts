import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberToText, textToNumber } from './number-text.ts'

test('numberToText() gives decimal text that reads as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = numberToText(value)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(text)).toBe(value)
    }),
  )
})

test('textToNumber() undoes numberToText() for every integer', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
      expect(textToNumber(numberToText(value))).toBe(value)
    }),
  )
})
