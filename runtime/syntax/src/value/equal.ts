import { Capsule, FunctionValue, type ObjectValue, type Value } from '../value.ts'
import { asArray, asObject, typeName } from './type-name.ts'
import { SecretText } from './secret.ts'

/** What `==` says: numbers are compared across integer and float, functions are never equal. */
export function languageEqual(a: Value, b: Value): boolean {
  return equal(a, b, numbersEqual, false)
}

/** Whether nothing has changed: as `==`, but `3` and `3.0` differ, a function is equal to itself, and NaN to NaN. */
export function deepEqual(a: Value, b: Value): boolean {
  return equal(a, b, Object.is, true)
}

type NumbersEqual = (a: bigint | number, b: bigint | number) => boolean

function equal(a: Value, b: Value, numbers: NumbersEqual, functions: boolean): boolean {
  const type = typeName(a)
  if (type !== typeName(b)) return false
  switch (type) {
    case 'number':
      return numbers(a as bigint | number, b as bigint | number)
    case 'array':
      return arraysEqual(asArray(a)!, asArray(b)!, (x, y) => equal(x, y, numbers, functions))
    case 'object':
      return objectsEqual(asObject(a)!, asObject(b)!, (x, y) => equal(x, y, numbers, functions))
    case 'function':
      return functions && (a as FunctionValue) === b
    case 'capsule':
      return capsulesEqual(a as Capsule, b as Capsule)
    default:
      return a === b
  }
}

/** Integers compare as signed 64-bit numbers; with a float, both as floats. */
function numbersEqual(a: bigint | number, b: bigint | number): boolean {
  if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a) === BigInt.asIntN(64, b)
  return Number(a) === Number(b)
}

function arraysEqual<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]!))
}

function objectsEqual(a: ObjectValue, b: ObjectValue, same: (x: Value, y: Value) => boolean): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key]!, b[key]!))
}

function capsulesEqual(a: Capsule, b: Capsule): boolean {
  return a.kind === b.kind && dataEqual(a.data, b.data)
}

/** What a component put into a capsule: plain data is compared by content, anything else by identity. */
function dataEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof SecretText || b instanceof SecretText) {
    return a instanceof SecretText && b instanceof SecretText && a.reveal() === b.reveal()
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && arraysEqual<unknown>(a, b, dataEqual)
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return arraysEqual([...a], [...b], Object.is)
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && dataEqual(a[key], b[key]))
  )
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
