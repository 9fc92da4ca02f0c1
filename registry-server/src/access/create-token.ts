import type { TokenStore } from '../storage/meta/token-store.ts'
import { credentialHash, newCredential } from './credential.ts'
import { modulePatternSyntax } from './module-pattern.ts'

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
 * Makes a token that may publish. It is returned once and stored only as its hash.
 * @throws when the pattern or the lifetime is not allowed.
 */
export async function createToken(
  tokens: TokenStore,
  options: TokenOptions,
): Promise<{ token: string; expiresAt: string }> {
  const { modules, description, lifetimeDays = lifetimeDaysDefault } = options
  if (!modulePatternSyntax.test(modules)) {
    throw new Error(`Cannot create a token for "${modules}": want "@scope/name", "@scope/*" or "*"`)
  }
  if (!(lifetimeDays > 0 && lifetimeDays <= lifetimeDaysMax)) {
    throw new Error(`Cannot create a token for ${lifetimeDays} days: want at most ${lifetimeDaysMax}`)
  }
  const token = newCredential('write')
  const expiresAt = new Date(Date.now() + lifetimeDays * dayMs).toISOString()
  await tokens.add({ hash: credentialHash(token), description, modules, expiresAt, permissions: ['publish'] })
  return { token, expiresAt }
}
