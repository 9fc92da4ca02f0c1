import { Capsule, type Value } from '../value.ts'

// The registered symbol that the secrets of components carry too: the text of a configured secret is one of them.
const hidden = Symbol.for('ingot.secret')

/** The text of a secret: it prints and serializes as `(secret)`, and only `reveal` gives it. */
export class SecretText {
  readonly [hidden]!: string

  constructor(text: string) {
    Object.defineProperty(this, hidden, { value: text, enumerable: false })
  }

  reveal(): string {
    return this[hidden]
  }

  toString(): string {
    return '(secret)'
  }

  toJSON(): string {
    return '(secret)'
  }
}

/** What a capsule of kind `optional_secret` holds: text that is secret only if it is marked so. */
export interface OptionalSecretData {
  readonly text: SecretText
  readonly marked: boolean
}

export function makeSecret(text: string): Capsule {
  return new Capsule('secret', new SecretText(text))
}

export function makeOptionalSecret(text: string, marked: boolean): Capsule {
  return new Capsule('optional_secret', { text: new SecretText(text), marked } satisfies OptionalSecretData)
}

export type SecretLike =
  | { readonly kind: 'secret'; readonly text: string }
  | { readonly kind: 'optional_secret'; readonly text: string; readonly marked: boolean }

/** The text of a secret or optional secret; `undefined` for any other value. The caller must not show it. */
export function openSecret(value: Value): SecretLike | undefined {
  if (!(value instanceof Capsule)) return undefined
  if (value.kind === 'secret') return { kind: 'secret', text: (value.data as SecretText).reveal() }
  if (value.kind !== 'optional_secret') return undefined
  const { text, marked } = value.data as OptionalSecretData
  return { kind: 'optional_secret', text: text.reveal(), marked }
}

/** Whether the text of the value must not be shown. */
export function isSecret(value: Value): boolean {
  const secret = openSecret(value)
  return secret !== undefined && (secret.kind === 'secret' || secret.marked)
}
