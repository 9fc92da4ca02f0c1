import { expect, test } from 'vitest'
import type { Value } from '../../value.ts'
import { makeOptionalSecret, makeSecret } from '../../value/secret.ts'
import { goSyntax } from './go-syntax.ts'

test.each<readonly [Value, string]>([
  [null, '<nil>'],
  [true, 'true'],
  [-3n, '-3'],
  [2n ** 63n, '0x8000000000000000'],
  [2.5, '2.5'],
  [1e6, '1e+06'],
  ['a "b"\n', '"a \\"b\\"\\n"'],
  [[], '[]interface {}{}'],
  [['a', null, [1n]], '[]interface {}{"a", interface {}(nil), []interface {}{1}}'],
  [{}, 'map[string]interface {}{}'],
  [{ b: 1n, a: null }, 'map[string]interface {}{"a":interface {}(nil), "b":1}'],
])('goSyntax() shows values as Go does (%#)', (value, text) => {
  expect(goSyntax(value)).toBe(text)
})

test('goSyntax() shows no secret', () => {
  expect(goSyntax({ a: makeSecret('s3cret') })).toBe('map[string]interface {}{"a":(secret)}')
  expect(goSyntax(makeOptionalSecret('s3cret', true))).not.toContain('s3cret')
  expect(goSyntax(makeOptionalSecret('open', false))).toBe('"open"')
})
