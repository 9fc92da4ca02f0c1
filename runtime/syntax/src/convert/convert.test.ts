import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Capsule, FunctionValue, type Value } from '../value.ts'
import { isSecret, makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import * as convert from './convert.ts'

const secret = makeSecret('hunter2')
const open = makeOptionalSecret('text', false)

function given<T>(conversion: convert.Conversion<T>): T | string {
  return conversion.ok ? conversion.value : conversion.reason
}

describe('toText()', () => {
  test.each<[Value, string]>([
    ['a', 'a'],
    [3n, '3'],
    [18446744073709551615n, '18446744073709551615'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-2.5, '-2.5'],
    [null, ''],
    [open, 'text'],
    [true, 'found bool, want string'],
    [['a'], 'found array, want string'],
    [secret, 'secrets may not be converted into strings'],
  ])('of %o is %j', (value, expected) => {
    expect(given(convert.toText(value))).toBe(expected)
  })
})

describe('toNumber()', () => {
  test.each<[Value, bigint | number | string]>([
    [3n, 3n],
    [2.5, 2.5],
    ['42', 42n],
    ['-42', -42n],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['007', 7n],
    [null, 0n],
    ['', 'found a string that is not a number, want number'],
    ['-1.5', 'found a string that is not a number, want number'],
    ['+5', 'found a string that is not a number, want number'],
    ['0x10', 'found a string that is not a number, want number'],
    ['18446744073709551616', 'found a string that is not a number, want number'],
    [true, 'found bool, want number'],
    [secret, 'found secret, want number'],
  ])('of %o is %s', (value, expected) => {
    expect(given(convert.toNumber(value))).toBe(expected)
  })
})

describe('toInteger()', () => {
  test.each<[Value, bigint | string]>([
    [2.9, 2n],
    [-2.9, -2n],
    ['7', 7n],
    [Infinity, 'found a number that is not finite, want integer'],
  ])('of %o is %s', (value, expected) => {
    expect(given(convert.toInteger(value))).toBe(expected)
  })
})

describe('toDuration()', () => {
  test.each<[Value, string]>([
    ['1m30s', '1m30s'],
    ['-1.5h', '-1.5h'],
    ['0', '0'],
    [0n, '0'],
    [null, '0'],
    [5n, 'found "5", want a duration such as "30s", "1m30s" or "250ms"'],
    ['1d', 'found "1d", want a duration such as "30s", "1m30s" or "250ms"'],
    ['', 'found "", want a duration such as "30s", "1m30s" or "250ms"'],
  ])('of %o is %j', (value, expected) => {
    expect(given(convert.toDuration(value))).toBe(expected)
  })
})

describe('toSize()', () => {
  test.each<[Value, string]>([
    ['512KiB', '512KiB'],
    ['1.5GiB', '1.5GiB'],
    [0n, '0'],
    [1024n, 'found "1024", want a size such as "512KiB" or "1MiB"'],
    ['1kb', 'found "1kb", want a size such as "512KiB" or "1MiB"'],
  ])('of %o is %j', (value, expected) => {
    expect(given(convert.toSize(value))).toBe(expected)
  })
})

test('toBool() takes nothing but a bool', () => {
  expect(given(convert.toBool(true))).toBe(true)
  expect(given(convert.toBool('true'))).toBe('found string, want bool')
  expect(given(convert.toBool(1n))).toBe('found number, want bool')
})

test('toSecret() hides any text', () => {
  const hidden = convert.toSecret('hunter2')
  if (!hidden.ok) throw new Error(hidden.reason)
  expect(isSecret(hidden.value)).toBe(true)
  expect(openSecret(hidden.value)?.text).toBe('hunter2')
  expect(`${String(hidden.value.data)} ${JSON.stringify(hidden)}`).not.toContain('hunter2')
  expect(given(convert.toSecret(true))).toBe('found bool, want secret or string')
})

test('toOptionalSecret() keeps what it was', () => {
  const kept = [secret, open, 'plain'].map((value) => {
    const converted = convert.toOptionalSecret(value)
    return converted.ok && openSecret(converted.value)
  })
  expect(kept).toEqual([
    { kind: 'optional_secret', text: 'hunter2', marked: true },
    { kind: 'optional_secret', text: 'text', marked: false },
    { kind: 'optional_secret', text: 'plain', marked: false },
  ])
})

test('toListOf() and toMapOf() say which element is wrong', () => {
  expect(given(convert.toListOf(['a', 1n], convert.toText))).toEqual(['a', '1'])
  expect(given(convert.toListOf(['a', true], convert.toText))).toBe('element 1: found bool, want string')
  expect(given(convert.toListOf('a', convert.toText))).toBe('found string, want array')
  expect(given(convert.toMapOf({ a: 1n }, convert.toText))).toEqual({ a: '1' })
  expect(given(convert.toMapOf({ a: [] }, convert.toText))).toBe('key "a": found array, want string')
})

test('toMap() reads capsules that have fields', () => {
  expect(given(convert.toMap(new Capsule('target', { fields: { a: 1n } })))).toEqual({ a: 1n })
  expect(given(convert.toMap(secret))).toBe('found secret, want object')
})

test('toCapsule() wants one kind', () => {
  const rules = new Capsule('rules', [])
  expect(given(convert.toCapsule(rules, 'rules'))).toBe(rules)
  expect(given(convert.toCapsule(secret, 'rules'))).toBe('found secret, want rules')
})

test('every conversion takes the types that it should, and no other', () => {
  const samples: Readonly<Record<string, Value>> = {
    null: null,
    bool: true,
    integer: 7n,
    float: 1.5,
    'text of a number': '7',
    text: 'a',
    array: ['7'],
    object: { a: '7' },
    function: new FunctionValue('f', () => null),
    secret,
    'open secret': open,
    'marked secret': makeOptionalSecret('7', true),
    capsule: new Capsule('rules', {}),
    target: new Capsule('target', { fields: { a: '7' } }),
  }
  const plain = ['null', 'integer', 'float', 'text of a number', 'text', 'open secret']
  const taken: readonly (readonly [
    conversion: (value: Value) => convert.Conversion<unknown>,
    types: readonly string[],
  ])[] = [
    [convert.toText, plain],
    [convert.toNumber, ['null', 'integer', 'float', 'text of a number']],
    [convert.toInteger, ['null', 'integer', 'float', 'text of a number']],
    [convert.toFloat, ['null', 'integer', 'float', 'text of a number']],
    [convert.toBool, ['null', 'bool']],
    [convert.toSecret, [...plain, 'secret', 'marked secret']],
    [convert.toOptionalSecret, [...plain, 'secret', 'marked secret']],
    [convert.toList, ['null', 'array']],
    [convert.toMap, ['null', 'object', 'target']],
    [(value) => convert.toCapsule(value, 'rules'), ['capsule']],
  ]
  const wrap = fc.constantFrom('itself', 'list', 'map')
  fc.assert(
    fc.property(
      fc.constantFrom(...taken),
      fc.constantFrom(...Object.keys(samples)),
      wrap,
      ([to, types], type, inside) => {
        const value = samples[type]!
        const given = { itself: value, list: [value, value], map: { a: value } }[inside]
        const all = {
          itself: to,
          list: (v: Value) => convert.toListOf(v, to),
          map: (v: Value) => convert.toMapOf(v, to),
        }
        const converted = all[inside](given)
        expect(converted.ok).toBe(types.includes(type))
        if (!converted.ok) expect(converted.reason).not.toContain('hunter2')
      },
    ),
    { numRuns: 2_000 },
  )
})
