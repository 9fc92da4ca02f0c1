import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'

/** Verifies signatures. `keyId` is the SHA-256 of the key's SPKI bytes, in hexadecimal. */
export interface PublicKey {
  readonly keyId: string
  /** SPKI in base64: how a key stands in documents. */
  readonly spki: string
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
}

/** Makes signatures. The private half leaves it only through {@link SigningKey.toPem}. */
export interface SigningKey {
  readonly publicKey: PublicKey
  sign(bytes: Uint8Array): Uint8Array
  /** PKCS #8, to be written to a file that only its owner reads. */
  toPem(): string
}

/** A new ed25519 key. */
export function generateSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey)
}

/** @throws when `pem` holds no ed25519 private key. */
export function parseSigningKey(pem: string): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // The cause may quote the text, which is secret.
    throw new Error('Cannot read the signing key: found text that is no private key, want PKCS #8 in PEM')
  }
  wantEd25519(key)
  return signingKey(key)
}

/** @throws when `spki` (base64) holds no ed25519 public key. */
export function parsePublicKey(spki: string): PublicKey {
  let key: KeyObject
  try {
    key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
  } catch (error) {
    throw new Error('Cannot read the public key: found bytes that are no key, want SPKI in base64', { cause: error })
  }
  wantEd25519(key)
  return publicKey(key)
}

/** `ed25519:` and the SPKI bytes in base64: how people write a key. @throws when it is something else. */
export function parseKeyText(text: string): PublicKey {
  const found = /^ed25519:([A-Za-z0-9+/]+={0,2})$/.exec(text)
  if (!found) throw new Error('Cannot read the public key: want "ed25519:" and its SPKI in base64')
  return parsePublicKey(found[1]!)
}

function signingKey(key: KeyObject): SigningKey {
  return {
    publicKey: publicKey(createPublicKey(key)),
    sign: (bytes) => sign(null, bytes, key),
    toPem: () => key.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

function publicKey(key: KeyObject): PublicKey {
  const der = key.export({ format: 'der', type: 'spki' })
  return {
    keyId: createHash('sha256').update(der).digest('hex'),
    spki: der.toString('base64'),
    verify: (bytes, signature) => verify(null, bytes, key, signature),
  }
}

function wantEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType === 'ed25519') return
  throw new Error(`Cannot use the key: found ${key.asymmetricKeyType ?? 'a symmetric key'}, want ed25519`)
}
