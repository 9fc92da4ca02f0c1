import type { JsonSchema } from '@ingot/manifest'
import { describeType, typeName, type Value } from '@ingot/syntax'
import type { Shape } from '../schema.ts'
import { bestAttempt } from './best-attempt.ts'
import { decodeValue } from './decode-value.ts'
import type { Decoding, ValuePlace } from './decoding.ts'

/** A value that may be of several types: of the one that it is, else of the first that it can be converted to. */
export function decodeUnion(
  decoding: Decoding,
  alternatives: readonly JsonSchema[],
  value: Value,
  at: ValuePlace,
): unknown {
  const shapes = alternatives.map((schema) => ({ schema, type: valueType(decoding.reader.shape(schema)) }))
  if (value === null && shapes.some(({ type }) => type === 'null')) return null
  const others = shapes.filter(({ type }) => type !== 'null')
  const found = typeName(value) === 'capsule' ? describeType(value) : typeName(value)
  const natural = others.filter(({ type }) => type === found || type === undefined)
  if (natural.length > 0 || others.length === 1) {
    const candidates = natural.length > 0 ? natural : others
    const decode = (attempt: Decoding, schema: JsonSchema) => decodeValue(attempt, schema, value, at)
    return bestAttempt(
      decoding,
      candidates.map(({ schema }) => schema),
      decode,
    )
  }
  for (const { schema } of others) {
    const attempt = decoding.attempt()
    const decoded = decodeValue(attempt, schema, value, at)
    if (attempt.diagnostics.length > 0) continue
    decoding.adopt(attempt)
    return decoded
  }
  const wanted = others.map(({ type }) => type).join(' or ')
  return decoding.refuse('wrong-type', at, `found ${describeType(value)}, want ${wanted}`)
}

/** The type, in the language's words, of the values that a schema takes without conversion. */
function valueType({ mark, type }: Shape): string | undefined {
  switch (mark?.kind) {
    case 'secret':
    case 'optional_secret':
      return mark.kind
    case 'capsule':
      return mark.name
    case 'receivers':
      return 'array'
  }
  if (type === 'integer') return 'number'
  return type === 'boolean' ? 'bool' : type
}
