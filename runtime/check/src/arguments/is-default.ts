import type { JsonSchema } from '@ingot/manifest'
import { type Expression, parseDuration, parseSize, references, type Value } from '@ingot/syntax'
import { decodeValue } from './decode-value.ts'
import type { Decoding, ValuePlace } from './decoding.ts'

/** Whether an argument is written out with the value that it has anyway. */
export function isDefault(decoding: Decoding, schema: JsonSchema, decoded: unknown, at: ValuePlace): boolean {
  const { raw, mark } = decoding.reader.shape(schema)
  if (!Object.hasOwn(raw, 'default') || !isConstant(at.expression)) return false
  const attempt = decoding.attempt()
  const fallback = decodeValue(attempt, schema, toValue(raw['default']), at)
  if (attempt.diagnostics.length > 0) return false
  return JSON.stringify(measured(mark?.kind, fallback)) === JSON.stringify(measured(mark?.kind, decoded))
}

/** `60s` is `1m`, and `1MB` is `1MiB`. */
function measured(kind: string | undefined, value: unknown): unknown {
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
