import { Capsule, describeType, FunctionValue, isSecret, openSecret, type Value } from '@ingot/syntax'

/** A value as a configuration would write it; a float always has a point or an exponent. */
export function showValue(value: Value | undefined): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `[${value.map((each: Value) => showValue(each)).join(', ')}]`
  if (value instanceof FunctionValue) return 'function'
  if (value instanceof Capsule) {
    const open = openSecret(value)
    return open && !isSecret(value) ? `optional(${JSON.stringify(open.text)})` : `(${describeType(value)})`
  }
  const fields = Object.entries(value as Readonly<Record<string, Value>>)
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)} = ${showValue(each)}`).join(', ')}}`
}
