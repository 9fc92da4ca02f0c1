import type { JsonSchema } from '@ingot/manifest'
import { describeType, nearest, type ObjectValue, toList, toMap, type Value } from '@ingot/syntax'
import type { Shape } from '../schema.ts'
import { decodeValue } from './decode-value.ts'
import { type Decoding, elementPlace, fieldNameSpan, fieldPlace, type ValuePlace } from './decoding.ts'

/** An array or an object, part by part. */
export function decodeCollection(decoding: Decoding, shape: Shape, value: Value, at: ValuePlace): unknown {
  return shape.type === 'array' ? decodeArray(decoding, shape, value, at) : decodeObject(decoding, shape, value, at)
}

function decodeArray(decoding: Decoding, shape: Shape, value: Value, at: ValuePlace): unknown {
  const list = toList(value)
  if (!list.ok) {
    const single = typeof value !== 'object' || value === null
    return decoding.refuse('wrong-type', at, list.reason, single ? 'put it into a list: [ … ]' : undefined)
  }
  const { minItems, maxItems } = shape.raw as { readonly minItems?: number; readonly maxItems?: number }
  const found = `found ${list.value.length} elements`
  if (minItems !== undefined && list.value.length < minItems) {
    return decoding.refuse('invalid-value', at, `${found}, want at least ${minItems}`)
  }
  const most = maxItems ?? (shape.items ? undefined : shape.tuple?.length)
  if (most !== undefined && list.value.length > most) {
    return decoding.refuse('invalid-value', at, `${found}, want at most ${most}`)
  }
  return list.value.map((element, index) =>
    decodeValue(decoding, shape.tuple?.[index] ?? shape.items ?? {}, element, elementPlace(at, index)),
  )
}

function decodeObject(decoding: Decoding, shape: Shape, value: Value, at: ValuePlace): unknown {
  const map = toMap(value)
  if (!map.ok) return decoding.refuse('wrong-type', at, `found ${describeType(value)}, want object`)
  const entries: [string, unknown][] = []
  for (const [key, field] of Object.entries(map.value)) {
    const schema = shape.properties.get(key) ?? shape.additional
    if (!schema) {
      const message = `Cannot set "${at.name}.${key}" on ${at.owner}: no such field`
      const values = { nearest: nearest(key, shape.properties.keys()) }
      decoding.report('unknown-argument', fieldNameSpan(at, key), message, values)
      continue
    }
    checkName(decoding, shape, key, at)
    // A field that is null is as good as absent, as an argument is.
    if (field === null && shape.properties.has(key)) continue
    entries.push([key, decodeValue(decoding, schema, field, fieldPlace(at, key))])
  }
  requireFields(decoding, shape, map.value, at)
  return Object.fromEntries(entries)
}

/** Names of fields may have a format, or be one of some. */
function checkName(decoding: Decoding, { raw }: Shape, key: string, at: ValuePlace): void {
  const names = raw['propertyNames']
  if (typeof names !== 'object' || names === null) return
  const span = fieldNameSpan(at, key)
  // In quotes, unless it is an identifier.
  const quoted = span.end - span.start === key.length + 2
  const expression = quoted
    ? ({ kind: 'literal', value: key, raw: `"${key}"`, span } as const)
    : ({ kind: 'identifier', name: key, span } as const)
  decodeValue(decoding, names as JsonSchema, key, { ...fieldPlace(at, key), expression })
}

function requireFields(decoding: Decoding, shape: Shape, given: ObjectValue, at: ValuePlace): void {
  for (const name of shape.required) {
    if (Object.hasOwn(given, name) && given[name] !== null) continue
    const message = `Cannot set "${at.name}" on ${at.owner}: field "${name}" is missing`
    decoding.report('missing-argument', at.expression.span, message, { example: `${name} = …` })
  }
}
