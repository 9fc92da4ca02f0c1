import type { Span } from '../ast.ts'
import { Capsule, type ObjectValue, type Value } from '../value.ts'
import { isSecret, makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import { asArray, asObject, describeType } from '../value/type-name.ts'
import { parseDuration } from './duration.ts'
import { mistakenDuration, mistakenSize } from './mistaken-amount.ts'
import { numberToText, textToNumber } from './number-text.ts'
import { parseSize } from './size.ts'

/**
 * A value as its place wants it, or what was found and wanted: `found bool, want string`. `place` is in the value's text,
 * where one part of it is at fault.
 */
export type Conversion<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly advice?: string; readonly place?: Span }

/*
 * The conversions that arguments and parameters of functions share. Null becomes the empty value of each kind: whoever
 * tells null from "not given" does so before.
 */

/** A string; a number in decimal; an optional secret that is not secret. */
export function toText(value: Value): Conversion<string> {
  if (value === null) return found('')
  if (typeof value === 'string') return found(value)
  if (typeof value === 'bigint' || typeof value === 'number') return found(numberToText(value))
  if (isSecret(value)) {
    return {
      ok: false,
      reason: 'secrets may not be converted into strings',
      advice: 'convert.nonsensitive() makes a string of a secret, where that is safe',
    }
  }
  const open = openSecret(value)
  return open ? found(open.text) : mismatch(value, 'string')
}

/** A number; a string that holds one. */
export function toNumber(value: Value): Conversion<bigint | number> {
  if (value === null) return found(0n)
  if (typeof value === 'bigint' || typeof value === 'number') return found(value)
  const text = openText(value)
  if (text === undefined) return mismatch(value, 'number')
  const number = textToNumber(text)
  return number === undefined ? refused('found a string that is not a number, want number') : found(number)
}

/** An integer: of a float, what is in front of its point. */
export function toInteger(value: Value): Conversion<bigint> {
  const number = toNumber(value)
  if (!number.ok || typeof number.value === 'bigint') return number as Conversion<bigint>
  if (!Number.isFinite(number.value)) return refused('found a number that is not finite, want integer')
  return found(BigInt(Math.trunc(number.value)))
}

export function toFloat(value: Value): Conversion<number> {
  const number = toNumber(value)
  return number.ok ? found(Number(number.value)) : number
}

/** Only a bool: `"true"` and `1` are not. */
export function toBool(value: Value): Conversion<boolean> {
  if (value === null) return found(false)
  return typeof value === 'boolean' ? found(value) : mismatch(value, 'bool')
}

/** The text of a duration; the number 0 stands for `"0"`, no other number does. */
export function toDuration(value: Value): Conversion<string> {
  const text = toText(value ?? '0')
  if (!text.ok) return text
  if (parseDuration(text.value) !== undefined) return text
  const reason = `found ${shown(text.value)}, want a duration such as "30s", "1m30s" or "250ms"`
  return { ok: false, reason, ...mistakenDuration(text.value) }
}

/** The text of a size in bytes; the number 0 stands for `"0"`, no other number does. */
export function toSize(value: Value): Conversion<string> {
  const text = toText(value ?? '0')
  if (!text.ok) return text
  if (parseSize(text.value) !== undefined) return text
  const reason = `found ${shown(text.value)}, want a size such as "512KiB" or "1MiB"`
  return { ok: false, reason, ...mistakenSize(text.value) }
}

/** A capsule of kind `secret`: any text may become one. */
export function toSecret(value: Value): Conversion<Capsule> {
  const open = openSecret(value)
  if (open) return found(makeSecret(open.text))
  const text = toText(value)
  return text.ok ? found(makeSecret(text.value)) : mismatch(value, 'secret or string')
}

/** A capsule of kind `optional_secret`, marked when the value was secret. */
export function toOptionalSecret(value: Value): Conversion<Capsule> {
  const open = openSecret(value)
  if (open) return found(makeOptionalSecret(open.text, isSecret(value)))
  const text = toText(value)
  return text.ok ? found(makeOptionalSecret(text.value, false)) : mismatch(value, 'string or secret')
}

/** An array; a single value does not stand for an array of one. */
export function toList(value: Value): Conversion<readonly Value[]> {
  if (value === null) return found([])
  const array = asArray(value)
  return array ? found(array) : mismatch(value, 'array')
}

/** An array whose elements all convert. */
export function toListOf<T>(value: Value, element: (value: Value) => Conversion<T>): Conversion<readonly T[]> {
  const list = toList(value)
  if (!list.ok) return list
  const items: T[] = []
  for (const [index, item] of list.value.entries()) {
    const converted = element(item)
    if (!converted.ok) return { ...converted, reason: `element ${index}: ${converted.reason}` }
    items.push(converted.value)
  }
  return found(items)
}

/** An object, or a capsule that can be read like one. */
export function toMap(value: Value): Conversion<ObjectValue> {
  if (value === null) return found(Object.create(null) as ObjectValue)
  const object = fieldsOf(value)
  return object ? found(object) : mismatch(value, 'object')
}

/** An object whose values all convert. */
export function toMapOf<T>(
  value: Value,
  element: (value: Value) => Conversion<T>,
): Conversion<Readonly<Record<string, T>>> {
  const map = toMap(value)
  if (!map.ok) return map
  const items = Object.create(null) as Record<string, T>
  for (const [key, item] of Object.entries(map.value)) {
    const converted = element(item)
    if (!converted.ok) return { ...converted, reason: `key "${key}": ${converted.reason}` }
    items[key] = converted.value
  }
  return found(items)
}

/** A capsule of one kind. */
export function toCapsule(value: Value, kind: string): Conversion<Capsule> {
  return value instanceof Capsule && value.kind === kind ? found(value) : mismatch(value, kind)
}

/** Objects have fields, and so have capsules that hold an object under `fields`. */
export function fieldsOf(value: Value): ObjectValue | undefined {
  if (!(value instanceof Capsule)) return asObject(value)
  const data = value.data as { readonly fields?: ObjectValue } | null | undefined
  return typeof data === 'object' && data !== null ? data.fields : undefined
}

function openText(value: Value): string | undefined {
  if (typeof value === 'string') return value
  return isSecret(value) ? undefined : openSecret(value)?.text
}

function found<T>(value: T): Conversion<T> {
  return { ok: true, value }
}

function mismatch<T>(value: Value, wanted: string): Conversion<T> {
  return refused(`found ${describeType(value)}, want ${wanted}`)
}

function refused<T>(reason: string): Conversion<T> {
  return { ok: false, reason }
}

const SHOWN_MAX = 60

function shown(text: string): string {
  return `"${text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text}"`
}
