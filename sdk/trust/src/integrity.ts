import { createHash, timingSafeEqual } from 'node:crypto'

export type HashAlgorithm = 'sha256' | 'sha512'

/** Subresource-integrity text of some bytes: `sha512-<base64>`. */
export function integrity(algorithm: HashAlgorithm, bytes: Uint8Array | string): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`
}

/** Whether `bytes` are the ones that `expected` names. Malformed text matches nothing. */
export function matchesIntegrity(expected: string, bytes: Uint8Array | string): boolean {
  const parsed = parseIntegrity(expected)
  if (!parsed) return false
  const actual = createHash(parsed.algorithm).update(bytes).digest()
  return timingSafeEqual(actual, Buffer.from(parsed.hex, 'hex'))
}

/** Algorithm and hexadecimal digest of an integrity text, or `undefined` when it is not one. */
export function parseIntegrity(text: string): { readonly algorithm: HashAlgorithm; readonly hex: string } | undefined {
  const [, algorithm, base64] = /^(sha256|sha512)-([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  if (!algorithm || !base64) return undefined
  const digest = Buffer.from(base64, 'base64')
  const wantedBytes = algorithm === 'sha256' ? 32 : 64
  // Re-encoding refuses the several base64 texts that decode to one digest.
  if (digest.length !== wantedBytes || digest.toString('base64') !== base64) return undefined
  return { algorithm: algorithm as HashAlgorithm, hex: digest.toString('hex') }
}

/** The integrity text of a digest that is already known in hexadecimal. */
export function integrityOfHex(algorithm: HashAlgorithm, hex: string): string {
  return `${algorithm}-${Buffer.from(hex, 'hex').toString('base64')}`
}
