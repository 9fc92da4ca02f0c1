import { type ObjectValue, type Value } from '../../value.ts'
import { asArray, asObject, describeType } from '../../value/type-name.ts'
import { type Directive, pad, without } from './directive.ts'
import { formatFloat } from './format-float.ts'
import { formatInteger } from './format-integer.ts'
import { quote } from './quote.ts'

export function formatValue(value: Value, directive: Directive): string {
  if (directive.verb === 'T') return pad(goType(value), directive)
  const array = asArray(value)
  if (array) return `[${array.map((item) => formatValue(item, directive)).join(' ')}]`
  const object = asObject(value)
  if (object) return formatMap(object, directive)
  return formatScalar(value, directive) ?? badVerb(value, directive)
}

/** A value as `%v` shows it. */
export function plain(value: Value): string {
  return formatValue(value, { verb: 'v', flags: new Set(), width: 0 })
}

const int64Max = 2n ** 63n - 1n

/** The Go type that a value has as an argument of `Sprintf`. */
export function goType(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return value > int64Max ? 'uint64' : 'int'
    case 'number':
      return 'float64'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      if (value === null) return '<nil>'
      if (asArray(value)) return '[]interface {}'
      return asObject(value) ? 'map[string]interface {}' : describeType(value)
  }
}

function formatMap(object: ObjectValue, directive: Directive): string {
  const entries = Object.keys(object)
    .sort()
    .map((key) => `${formatValue(key, directive)}:${formatValue(object[key]!, directive)}`)
  return `map[${entries.join(' ')}]`
}

/** `undefined` when the verb does not fit the value. */
function formatScalar(value: Value, directive: Directive): string | undefined {
  const { verb, flags } = directive
  switch (typeof value) {
    case 'bigint':
      return formatInteger(value, directive)
    case 'number':
      return formatFloat(value, directive)
    case 'string':
      return formatText(value, directive)
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), directive) : undefined
    default:
      if (verb !== 'v') return undefined
      return value === null
        ? pad('<nil>', { ...directive, flags: without(flags, '0') })
        : pad(`(${goType(value)})`, directive)
  }
}

function formatText(value: string, directive: Directive): string | undefined {
  const { verb, precision, flags } = directive
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('')
  if (verb === 's' || (verb === 'v' && !flags.has('#'))) return pad(cut, directive)
  if (verb === 'q' || verb === 'v')
    return pad(quote(cut, { raw: flags.has('#') && verb === 'q', ascii: flags.has('+') }), directive)
  return verb === 'x' || verb === 'X' ? pad(hexText(value, directive), directive) : undefined
}

/** Bytes in hexadecimal; a space between them with the flag " ", and 0x in front with "#". */
function hexText(value: string, { verb, flags, precision }: Directive): string {
  const bytes = [...new TextEncoder().encode(value).subarray(0, precision)]
  const prefix = flags.has('#') ? '0x' : ''
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0'))
  const text = flags.has(' ')
    ? digits.map((pair) => prefix + pair).join(' ')
    : digits.length > 0
      ? prefix + digits.join('')
      : ''
  return verb === 'X' ? text.toUpperCase() : text
}

function badVerb(value: Value, { verb }: Directive): string {
  return value === null ? `%!${verb}(<nil>)` : `%!${verb}(${goType(value)}=${plain(value)})`
}
