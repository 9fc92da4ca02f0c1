import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const keyBytes = 32
/** What GCM is made for (NIST SP 800-38D §8.2): random ones of one key may be 2^32, far more than people have secrets. */
const nonceBytes = 12
const tagBytes = 16
const version = 'v1'

/**
 * Seals what the database must keep and must not tell: who has a copy of the database alone can read nothing of it, and
 * what is moved to another user's row does not open there.
 */
export class SecretSeal {
  readonly #key: Buffer
  /** Names the key, and tells nothing of it. */
  readonly keyId: string

  /** @throws RangeError unless it is 32 bytes. */
  constructor(key: Buffer) {
    if (key.length !== keyBytes) throw new RangeError(`found a key of ${key.length} bytes, want ${keyBytes}`)
    this.#key = key
    this.keyId = createHash('sha256').update('ingot secret seal\0').update(key).digest('hex').slice(0, 16)
  }

  /** `v1.<key id>.<nonce ‖ ciphertext ‖ tag in base64url>` */
  seal(secret: string, userId: string): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(userId))
    const sealed = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]
    return [version, this.keyId, Buffer.concat(sealed).toString('base64url')].join('.')
  }

  /** Tells a text again, as an address, and nothing of it to who lacks the key: there are few enough addresses to hash all. */
  pseudonym(text: string): string {
    return createHmac('sha256', this.#key).update(`pseudonym\0${text}`).digest('base64url').slice(0, 22)
  }

  /** @throws when it was sealed with another key or for another user, or was changed since. */
  open(sealed: string, userId: string): string {
    const [found, keyId, text = ''] = sealed.split('.')
    if (found !== version || keyId !== this.keyId) {
      throw new Error(`Cannot open a secret: found one of the key ${keyId ?? 'nobody knows'}, want ${this.keyId}`)
    }
    const bytes = Buffer.from(text, 'base64url')
    const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(userId))
      .setAuthTag(bytes.subarray(-tagBytes))
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  }
}

/** Whether it is sealed, by whatever key: what was stored by a version that sealed nothing is not. */
export function isSealed(secret: string): boolean {
  return secret.startsWith(`${version}.`)
}
