import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Problem } from '../problem.ts'
import type { TokenRecord, TokenStore } from '../storage/meta/token-store.ts'

const prefix = 'ingot_w_'
const secretBytes = 20
const checksumDigits = 8
const dayMs = 24 * 3_600_000
const lifetimeDaysDefault = 30
const lifetimeDaysMax = 90

export interface TokenOptions {
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
  readonly lifetimeDays?: number
}

/**
 * Makes a token that may publish. It is returned once and stored only as its hash; its checksum lets a scanner of
 * leaked secrets tell a token from a look-alike.
 * @throws when the pattern or the lifetime is not allowed.
 */
export async function createToken(
  tokens: TokenStore,
  options: TokenOptions,
): Promise<{ token: string; expiresAt: string }> {
  const { modules, description, lifetimeDays = lifetimeDaysDefault } = options
  if (!/^(?:\*|@[a-z0-9-]+\/(?:\*|[a-z0-9-]+))$/.test(modules)) {
    throw new Error(`Cannot create a token for "${modules}": want "@scope/name", "@scope/*" or "*"`)
  }
  if (!(lifetimeDays > 0 && lifetimeDays <= lifetimeDaysMax)) {
    throw new Error(`Cannot create a token for ${lifetimeDays} days: want at most ${lifetimeDaysMax}`)
  }
  const secret = randomBytes(secretBytes).toString('hex')
  const token = `${prefix}${secret}${checksum(secret)}`
  const expiresAt = new Date(Date.now() + lifetimeDays * dayMs).toISOString()
  await tokens.add({ hash: hashOf(token), description, modules, expiresAt })
  return { token, expiresAt }
}

/** The token of an `authorization` header, if it may publish `module` now. @throws Problem */
export async function authorize(
  tokens: TokenStore,
  header: string | undefined,
  module: string,
  now: Date,
): Promise<TokenRecord> {
  const challenge = { headers: { 'www-authenticate': 'Bearer' } }
  const [, token] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
  if (!token) {
    throw new Problem(
      'token_missing',
      'Cannot publish without a token: want the header "authorization: Bearer …"',
      challenge,
    )
  }
  const record = wellFormed(token) ? await tokens.find(hashOf(token)) : undefined
  if (!record)
    throw new Problem('token_invalid', 'Cannot publish with this token: it is not one of this registry', challenge)
  if (record.revokedAt !== undefined || new Date(record.expiresAt) <= now) {
    const detail = `Cannot publish with this token: it ended at ${record.revokedAt ?? record.expiresAt}`
    throw new Problem('token_expired', detail, {
      ...challenge,
      hint: 'create another one: ingot registry token create',
    })
  }
  if (!covers(record.modules, module)) {
    throw new Problem('token_scope', `Cannot publish "${module}" with this token: it is for "${record.modules}"`)
  }
  await tokens.used(record.id, now.toISOString())
  return record
}

function covers(pattern: string, module: string): boolean {
  return pattern === '*' || pattern === module || (pattern.endsWith('/*') && module.startsWith(pattern.slice(0, -1)))
}

function wellFormed(token: string): boolean {
  const secret = token.slice(prefix.length, -checksumDigits)
  return token.startsWith(prefix) && token.endsWith(checksum(secret)) && secret.length === secretBytes * 2
}

function checksum(secret: string): string {
  return crc32(secret).toString(16).padStart(checksumDigits, '0')
}

/** A token has 160 random bits: a plain hash cannot be searched. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
