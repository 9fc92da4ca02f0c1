import type { Value } from '../../value.ts'
import { isSecret, openSecret } from '../../value/secret.ts'
import { asArray, asObject, describeType } from '../../value/type-name.ts'
import { formatValue } from './format-value.ts'

const int64Max = 2n ** 63n - 1n

/** A value as Go's `%#v` shows it: the text of which ids are made. No secret is in it. */
export function goSyntax(value: Value): string {
  const array = asArray(value)
  if (array) return `[]interface {}{${array.map(element).join(', ')}}`
  const object = asObject(value)
  if (object) {
    const keys = Object.keys(object).sort()
    return `map[string]interface {}{${keys.map((key) => `${goSyntax(key)}:${element(object[key]!)}`).join(', ')}}`
  }
  if (value === null) return '<nil>'
  if (typeof value === 'bigint') return value > int64Max ? `0x${value.toString(16)}` : String(value)
  if (typeof value !== 'object')
    return formatValue(value, { verb: typeof value === 'string' ? 'q' : 'v', flags, width: 0 })
  const open = openSecret(value)
  return open && !isSecret(value) ? goSyntax(open.text) : `(${describeType(value)})`
}

const flags: ReadonlySet<string> = new Set()

function element(value: Value): string {
  return value === null ? 'interface {}(nil)' : goSyntax(value)
}
