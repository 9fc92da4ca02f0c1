import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from '../parse/parse.ts'
import { literalSpan } from './literal-span.ts'

function valueOf(written: string) {
  const text = `b {\n\tv = ${written}\n}\n`
  const [block] = parse('x.alloy', text).file.body.statements
  const attribute = block?.kind === 'block' ? block.body.statements[0] : undefined
  if (attribute?.kind !== 'attribute') throw new Error('no attribute')
  return { text, expression: attribute.value }
}

test.each<[string, number, number, string]>([
  ['"abc"', 1, 2, 'b'],
  ['"a\\tbc"', 2, 3, 'b'],
  ['"\\u00e4\\U0001F600x"', 1, 3, '\\U0001F600'],
  ['"\\xc3\\xa4x"', 1, 2, 'x'],
  ['"\\303\\244x"', 0, 1, '\\303\\244'],
  ['`a\\b`', 1, 2, '\\'],
  ['`a\r\nb`', 2, 3, 'b'],
  ['("abc")', 2, 3, 'c'],
  ['"abc"', 3, 3, '"'],
  ['""', 0, 0, '""'],
  ['"abc"', 0, 3, '"abc"'],
  ['"a" + "b"', 0, 1, '"a" + "b"'],
])('literalSpan() finds in %s the part from %i to %i: %s', (written, start, end, part) => {
  const { text, expression } = valueOf(written)
  const span = literalSpan(expression, { start, end })
  expect(text.slice(span.start, span.end)).toBe(part)
})

test('literalSpan() finds each character of any text', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 2 }), fc.nat(), (value, some) => {
      const { text, expression } = valueOf(JSON.stringify(value))
      const at = some % value.length
      const span = literalSpan(expression, { start: at, end: at + 1 })
      const written = JSON.stringify(value[at]).slice(1, -1)
      expect(text.slice(span.start, span.end)).toBe(written)
    }),
  )
})
