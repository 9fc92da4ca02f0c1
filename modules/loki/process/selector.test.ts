import { Labels } from '@ingot/telemetry'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSelector } from './selector.ts'

test('parseSelector() matches quoted values exactly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (value, other) => {
      const { matchesLabels } = parseSelector(`{a=${JSON.stringify(value)}}`)
      expect(matchesLabels(Labels.from([['a', value]]))).toBe(true)
      expect(matchesLabels(Labels.from([['a', other]]))).toBe(other === value)
    }),
  )
})

test('parseSelector() reads a selector or says what is wrong with it', () => {
  const text = fc.array(
    fc.constantFrom('{', '}', 'a', '=', '=~', '!=', '|=', '!~', '"b"', '`c`', ',', ' ', '"', 'or', '\\'),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(text, (parts) => {
      try {
        parseSelector(parts.join(''))
      } catch (error) {
        expect(String(error)).toMatch(/Cannot read the selector|Cannot compile/)
      }
    }),
    { numRuns: 1000 },
  )
  expect(() => parseSelector('{a="b"} | json')).toThrow('found "| json" at column 9')
})
