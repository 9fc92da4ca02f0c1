import { describe, expect, test } from 'vitest'
import { Capsule, FunctionValue, type Value } from '../value.ts'
import { deepEqual, languageEqual } from './equal.ts'
import { makeSecret } from './secret.ts'

const f = new FunctionValue('f', () => null)
const port = (name: string) =>
  new Capsule('receiver', { component: 'loki.write.x', port: name, bytes: Uint8Array.of(1) })

describe('deepEqual() and languageEqual()', () => {
  test.each<[string, Value, Value, boolean, boolean]>([
    ['integer and float', 3n, 3, false, true],
    ['NaN', Number.NaN, Number.NaN, true, false],
    ['zeros', 0, -0, false, true],
    ['a function', f, f, true, false],
    ['null and empty', null, '', false, false],
    ['arrays', [1n, ['a']], [1n, ['a']], true, true],
    ['arrays of other length', [1n], [1n, 2n], false, false],
    ['objects in another order', { a: 1n, b: 2n }, { b: 2n, a: 1n }, true, true],
    ['objects with other keys', { a: null }, { b: null }, false, false],
    ['array and object', [], {}, false, false],
    ['secrets', makeSecret('a'), makeSecret('a'), true, true],
    ['other secrets', makeSecret('a'), makeSecret('b'), false, false],
    ['capsules with equal content', port('in'), port('in'), true, true],
    ['capsules with other content', port('in'), port('out'), false, false],
    ['capsules of objects with identity', new Capsule('h', new Map()), new Capsule('h', new Map()), false, false],
  ])('compare %s', (_, a, b, deep, language) => {
    expect(deepEqual(a, b)).toBe(deep)
    expect(deepEqual(b, a)).toBe(deep)
    expect(languageEqual(a, b)).toBe(language)
  })
})
