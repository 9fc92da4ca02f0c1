import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** 160 random bits: a plain hash of them cannot be searched. */
const secretBytes = 20
const checksumDigits = 8

/** What a credential begins with: a scanner of leaked secrets, and whoever finds one, knows what it is. */
const prefixes = {
  write: 'ingot_w_',
  read: 'ingot_r_',
  session: 'ingot_s_',
  exchange: 'ingot_x_',
  device: 'ingot_d_',
  link: 'ingot_l_',
} as const
export type CredentialKind = keyof typeof prefixes

/** A new secret, to be shown once; its checksum tells it from a look-alike. */
export function newCredential(kind: CredentialKind): string {
  const secret = randomBytes(secretBytes).toString('hex')
  return `${prefixes[kind]}${secret}${checksum(secret)}`
}

/** What kind of credential a text is; `undefined` where it is none. */
export function credentialKind(text: string): CredentialKind | undefined {
  const kinds = Object.keys(prefixes) as CredentialKind[]
  return kinds.find((kind) => {
    if (!text.startsWith(prefixes[kind])) return false
    const secret = text.slice(prefixes[kind].length, -checksumDigits)
    return /^[0-9a-f]+$/.test(secret) && secret.length === secretBytes * 2 && text.endsWith(checksum(secret))
  })
}

/** What is stored of a credential. */
export function credentialHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function checksum(secret: string): string {
  return crc32(secret).toString(16).padStart(checksumDigits, '0')
}
