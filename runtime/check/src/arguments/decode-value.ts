import type { JsonSchema } from '@ingot/manifest'
import {
  Capsule,
  type Conversion,
  describeType,
  isSecret,
  literalSpan,
  openSecret,
  toBool,
  toDuration,
  toFloat,
  toInteger,
  toOptionalSecret,
  toSecret,
  toSize,
  toText,
  type Value,
} from '@ingot/syntax'
import { isFormat } from '@ingot/kits/formats'
import { type FormatMistake, mistakeIn } from '../formats.ts'
import type { CapsuleData } from '../frame.ts'
import type { Mark } from '../schema.ts'
import { checkAvailable } from './check-available.ts'
import { checkBounds } from './check-bounds.ts'
import { decodeCollection } from './decode-collection.ts'
import { decodePlain } from './decode-plain.ts'
import { decodeReceivers } from './decode-receivers.ts'
import { decodeTargets } from './decode-targets.ts'
import { decodeUnion } from './decode-union.ts'
import type { Decoding, ValuePlace } from './decoding.ts'

/** One value as its place wants it; `undefined` when it cannot be, which is reported. */
export function decodeValue(decoding: Decoding, schema: JsonSchema, value: Value, at: ValuePlace): unknown {
  const decoded = convertValue(decoding, schema, value, at)
  if (decoded !== undefined) checkAvailable(decoding, schema, decoded, at)
  return decoded
}

/** The same, also for values that Ingot does not have yet. */
export function convertValue(decoding: Decoding, schema: JsonSchema, value: Value, at: ValuePlace): unknown {
  const shape = decoding.reader.shape(schema)
  const { mark, type } = shape
  switch (mark?.kind) {
    case 'duration':
      return read(decoding, toDuration(value), value, at)
    case 'size':
      return read(decoding, toSize(value), value, at)
    case 'secret':
      return decodeSecret(decoding, toSecret(value), at)
    case 'optional_secret':
      return decodeSecret(decoding, toOptionalSecret(value), at)
    case 'receivers':
      return decodeReceivers(decoding, mark.types ?? [], value, at)
    case 'targets':
      return decodeTargets(decoding, value, at)
    case 'capsule':
      return decodeCapsule(decoding, mark.name ?? '', value, at)
  }
  if (mark && isFormat(mark.kind)) return bounded(decoding, schema, decodeFormatted(decoding, mark, value, at), at)
  if (isNothing(shape.raw['not'])) {
    return decoding.refuse('invalid-value', at, `found ${describeType(value)}, want it left out`)
  }
  if (shape.alternatives.length > 0) return decodeUnion(decoding, shape.alternatives, value, at)
  switch (type) {
    case 'string':
      return bounded(decoding, schema, taken(decoding, toText(value), at), at)
    case 'integer':
      return bounded(decoding, schema, decodeInteger(decoding, value, at), at)
    case 'number':
      return bounded(decoding, schema, read(decoding, toFloat(value), value, at), at)
    case 'boolean':
      return bounded(decoding, schema, taken(decoding, toBool(value), at), at)
    case 'array':
    case 'object':
      return decodeCollection(decoding, shape, value, at)
    default:
      return decodePlain(decoding, value, at)
  }
}

function taken<T>(decoding: Decoding, conversion: Conversion<T>, at: ValuePlace): T | undefined {
  return conversion.ok ? conversion.value : decoding.refuse('wrong-type', at, conversion.reason, conversion.advice)
}

/**
 * For what is written as text: text that cannot be read may be right once its content is known; other types, and secrets,
 * never are.
 */
function read<T>(decoding: Decoding, conversion: Conversion<T>, value: Value, at: ValuePlace): T | undefined {
  if (conversion.ok) return conversion.value
  const text = typeof value === 'string' || (openSecret(value) !== undefined && !isSecret(value))
  const code = text ? 'invalid-value' : 'wrong-type'
  return decoding.refuse(code, at, conversion.reason, conversion.advice, conversion.place)
}

function bounded(decoding: Decoding, schema: JsonSchema, value: unknown, at: ValuePlace): unknown {
  if (value !== undefined) checkBounds(decoding, decoding.reader.shape(schema), value, at)
  return value
}

function decodeInteger(decoding: Decoding, value: Value, at: ValuePlace): number | undefined {
  const integer = read(decoding, toInteger(value), value, at)
  if (integer === undefined) return undefined
  const number = Number(integer)
  if (Number.isSafeInteger(number)) return number
  return decoding.refuse('invalid-value', at, `found ${integer}, want an integer of at most 53 bits`)
}

function decodeSecret(decoding: Decoding, conversion: Conversion<Capsule>, at: ValuePlace) {
  const capsule = taken(decoding, conversion, at)
  if (!capsule) return undefined
  if (isSecret(capsule)) decoding.secrets.push(at.path)
  return openSecret(capsule)!.text
}

function decodeCapsule(decoding: Decoding, name: string, value: Value, at: ValuePlace): unknown {
  if (!(value instanceof Capsule) || value.kind !== name) {
    return decoding.refuse('wrong-type', at, `found ${describeType(value)}, want ${name}`)
  }
  const { plain, secrets } = value.data as CapsuleData
  for (const path of secrets) decoding.secrets.push([...at.path, ...path])
  return plain
}

function decodeFormatted(decoding: Decoding, { kind, empty }: Mark, value: Value, at: ValuePlace): string | undefined {
  const text = taken(decoding, toText(value), at)
  if (text === undefined || !isFormat(kind)) return text
  if (text !== '' || empty === undefined) {
    const mistake = mistakeIn(kind, text)
    if (mistake?.doubtful) doubt(decoding, mistake, at)
    else if (mistake) decoding.refuse('invalid-value', at, mistake.reason, mistake.advice, mistake)
  } else if (empty === 'name') {
    const mistake = mistakeIn(kind, String(at.path.at(-1)))
    if (mistake) decoding.refuse('invalid-value', at, mistake.reason, mistake.advice)
  }
  return text
}

function doubt(decoding: Decoding, mistake: FormatMistake, at: ValuePlace): void {
  if (!decoding.advice || at.provisional) return
  const message = `"${at.name}" of ${at.owner} is surely not what is meant: ${mistake.reason}`
  decoding.report('doubtful-value', literalSpan(at.expression, mistake), message, { advice: mistake.advice })
}

/** JSON Schema's way to say that no value is right: `not` anything. */
function isNothing(not: unknown): boolean {
  return typeof not === 'object' && not !== null && Object.keys(not).length === 0
}
