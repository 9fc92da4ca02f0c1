import { fieldsOf, goSyntax, isSecret, openSecret, sprintf, type Value } from '@ingot/syntax'
import { createHash } from 'node:crypto'

export interface KeyOptions {
  /** The field of an item that tells it from others; `''`: the whole item does. */
  readonly field: string
  /** Whether texts are hashed rather than cleaned. */
  readonly hash: boolean
}

/** The name of each item's module: `foreach_<what tells it from others>_<the how many-th of that name>`. */
export function itemKeys(items: readonly Value[], { field, hash }: KeyOptions): readonly string[] {
  const counts = new Map<string, number>()
  return items.map((item) => {
    const name = `foreach_${fingerprint(identity(item, field), hash)}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return `${name}_${count}`
  })
}

/** Whether an item is an object without the field that should tell it from others: then the whole object does. */
export function lacksField(item: Value, field: string): boolean {
  const fields = field === '' ? undefined : fieldsOf(item)
  return fields !== undefined && !Object.hasOwn(fields, field)
}

function identity(item: Value, field: string): Value {
  const fields = field === '' ? undefined : fieldsOf(item)
  const value = fields && Object.hasOwn(fields, field) ? fields[field]! : item
  // A text that only might be a secret is a text; an id that says anything about a real one would tell it.
  const open = openSecret(value)
  return open && !isSecret(value) ? open.text : value
}

function fingerprint(value: Value, hash: boolean): string {
  switch (typeof value) {
    case 'string':
      return hash ? sha256(value) : value.replace(/[^\p{L}\p{Nd}]/gu, '_')
    case 'boolean':
      return String(value)
    case 'bigint':
      return value <= int64Max ? String(value) : sha256(goSyntax(value))
    case 'number':
      return sprintf('%f', [value]).replace('.', '_')
    default:
      return sha256(goSyntax(value))
  }
}

const int64Max = 2n ** 63n - 1n

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
