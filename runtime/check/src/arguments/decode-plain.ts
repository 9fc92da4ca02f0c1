import { describeType, fieldsOf, isSecret, openSecret, typeName, type Value } from '@ingot/syntax'
import { type Decoding, elementPlace, fieldPlace, type ValuePlace } from './decoding.ts'

/** A value where anything goes: as plain data, which functions and most capsules are not. */
export function decodePlain(decoding: Decoding, value: Value, at: ValuePlace): unknown {
  switch (typeName(value)) {
    case 'null':
    case 'bool':
    case 'string':
      return value
    case 'number':
      return Number(value)
    case 'array':
      return (value as readonly Value[]).map((each, index) => decodePlain(decoding, each, elementPlace(at, index)))
  }
  const open = openSecret(value)
  if (open) {
    if (isSecret(value)) decoding.secrets.push(at.path)
    return open.text
  }
  const fields = fieldsOf(value)
  if (!fields) return decoding.refuse('wrong-type', at, `found ${describeType(value)}, want plain data`)
  const entries = Object.entries(fields)
  return Object.fromEntries(entries.map(([key, field]) => [key, decodePlain(decoding, field, fieldPlace(at, key))]))
}
