import { Labels } from '@ingot/telemetry'
import { FormatError } from '../format-error.ts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSelector } from './parse-selector.ts'

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
        const { start, end } = (error as FormatError).mistake
        expect(start >= 0 && start <= end && end <= parts.join('').length).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
  expect(() => parseSelector('{a="b"} | json')).toThrow('found "|", want "|=", "|~", "!=", "!~"')
})

test.each<[string, string]>([
  ['{a="b"} | json', '|'],
  ['{a="b"', ''],
  ['{a=b}', 'b'],
  ['{a~"b"}', '~'],
  ['{a=~"b("}', '('],
  ['{a="b"} |~ `x(?=y)`', '(?='],
  ['{a=~"\\d"}', '\\d'],
  ['a="b"', 'a'],
  ['{1a="b"}', '1a'],
])('parseSelector() says where %s goes wrong: at %j', (selector, part) => {
  let mistake: FormatError['mistake'] | undefined
  try {
    parseSelector(selector)
  } catch (error) {
    mistake = (error as FormatError).mistake
  }
  expect(selector.slice(mistake?.start, mistake?.end)).toBe(part)
})
