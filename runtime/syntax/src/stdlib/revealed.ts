import type { Value } from '../value.ts'
import { isSecret, openSecret } from '../value/secret.ts'
import { asArray, asObject } from '../value/type-name.ts'

/**
 * Values with the texts of all secrets in the place of the secrets, for functions that make one text of them.
 * @returns `secret` when one of the texts must not be shown: then the result must be a secret too
 */
export function revealed(values: readonly Value[]): { readonly value: readonly Value[]; readonly secret: boolean } {
  let secret = false
  const reveal = (value: Value): Value => {
    secret ||= isSecret(value)
    const open = openSecret(value)
    if (open) return open.text
    const array = asArray(value)
    if (array) return array.map(reveal)
    const object = asObject(value)
    if (!object) return value
    const copy = Object.create(null) as Record<string, Value>
    for (const [key, item] of Object.entries(object)) copy[key] = reveal(item)
    return copy
  }
  return { value: values.map(reveal), secret }
}
