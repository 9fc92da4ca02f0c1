import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeValue, encodeValue, type Mark } from './value.ts'

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 20 }),
)
const key = fc.string().filter((name) => name !== '__proto__')
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(key, fc.constant('$')), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('decodeValue() gives back what encodeValue() was given', () => {
  fc.assert(
    fc.property(value, (original) => {
      // JSON has one zero.
      const expected = JSON.stringify(original, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))
      const decoded = decodeValue(encodeValue(original))
      expect(JSON.stringify(decoded, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))).toBe(
        expected,
      )
    }),
  )
})

test('decodeValue() reads any bytes or throws an Error, and never changes a prototype', () => {
  const json = fc.oneof(
    fc.json(),
    fc.constantFrom('{"__proto__":{"x":1}}', '{"$":"bytes","v":[0,9]}', '{"$":"mark","v":5}'),
  )
  fc.assert(
    fc.property(json, fc.uint8Array({ maxLength: 8 }), (text, tail) => {
      const body = new TextEncoder().encode(text)
      const bytes = new Uint8Array(4 + body.length + tail.length)
      new DataView(bytes.buffer).setUint32(0, body.length, true)
      bytes.set(body, 4)
      bytes.set(tail, 4 + body.length)
      try {
        const decoded = decodeValue(bytes)
        if (typeof decoded === 'object' && decoded !== null)
          expect([Object.prototype, Array.prototype, Uint8Array.prototype]).toContain(Object.getPrototypeOf(decoded))
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})

test('marks stand for what does not travel, and only where someone expects them', () => {
  const secret = { kind: 'secret', name: 'token' } as const
  const encoded = encodeValue({ key: new Map() }, (item) => (item instanceof Map ? secret : undefined))
  const marks: Mark[] = []
  decodeValue(encoded, (mark) => marks.push(mark))
  expect(marks).toEqual([secret])
  expect(() => decodeValue(encoded)).toThrow(/a secret is not accepted here/)
})

test('encodeValue() refuses functions and values that are nested too deep', () => {
  expect(() => encodeValue({ f: () => 1 })).toThrow(/found a function/)
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  expect(() => encodeValue(cycle)).toThrow(/nested deeper/)
})
