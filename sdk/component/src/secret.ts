// A registered symbol, not a private one: each component is bundled with its own copy of this class, and a secret made
// by the host must be one for all of them.
const hidden = Symbol.for('ingot.secret')

/**
 * A value that must not be shown. It prints, serializes and concatenates as `(secret)`; only {@link Secret.reveal}
 * gives the text. In a runner the text itself is absent: the secret names a value that the host puts into requests.
 */
export class Secret {
  readonly [hidden]: string

  constructor(text: string) {
    this[hidden] = text
    Object.defineProperty(this, hidden, { enumerable: false })
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && hidden in value
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
