import type { JsonSchema } from '@ingot/manifest'
import { type Expression, parseDuration, parseSize, references, type Value } from '@ingot/syntax'
import { convertValue } from './decode-value.ts'
import type { Decoding, ValuePlace } from './decoding.ts'

/** Whether an argument is written out with the value that it has anyway. */
export function isDefault(decoding: Decoding, schema: JsonSchema, decoded: unknown, at: ValuePlace): boolean {
  const { raw, mark } = decoding.reader.shape(schema)
  if (!Object.hasOwn(raw, 'default')) return false
  if (!defaults.has(schema)) defaults.set(schema, decodedDefault(decoding, schema, at))
  return JSON.stringify(measured(mark?.kind, decoded)) === defaults.get(schema) && isConstant(at.expression)
}

/** What arguments are when they are left out, written so that it can be compared; `undefined` where that is no value. */
const defaults = new WeakMap<JsonSchema, string | undefined>()

function decodedDefault(decoding: Decoding, schema: JsonSchema, at: ValuePlace): string | undefined {
  return comparable(decoding, schema, decoding.reader.shape(schema).raw['default'], at)
}

/** Whether a decoded value is what data of its schema means. */
export function isSameAs(
  decoding: Decoding,
  schema: JsonSchema,
  data: unknown,
  decoded: unknown,
  at: ValuePlace,
): boolean {
  const { mark } = decoding.reader.shape(schema)
  return JSON.stringify(measured(mark?.kind, decoded)) === comparable(decoding, schema, data, at)
}

function comparable(decoding: Decoding, schema: JsonSchema, data: unknown, at: ValuePlace): string | undefined {
  const { mark } = decoding.reader.shape(schema)
  const attempt = decoding.attempt()
  const value = convertValue(attempt, schema, toValue(data), at)
  return attempt.diagnostics.length > 0 ? undefined : JSON.stringify(measured(mark?.kind, value))
}

/** As a number, where it is a duration or size: `60s` is `1m`, and `1MB` is `1MiB`. */
export function measured(kind: string | undefined, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const amount = kind === 'duration' ? parseDuration(value) : kind === 'size' ? parseSize(value) : value
  return typeof amount === 'bigint' ? Number(amount) : amount
}

/** What is computed from the environment or from other components is not the default, even where it is equal to it. */
function isConstant(expression: Expression): boolean {
  return references(expression).length === 0
}

function toValue(json: unknown): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json
  if (Array.isArray(json)) return json.map(toValue)
  if (typeof json !== 'object' || json === null) return json as Value
  const object = Object.create(null) as Record<string, Value>
  for (const [key, value] of Object.entries(json)) object[key] = toValue(value)
  return object
}
