import { isIP } from 'node:net'
import type { Author } from '../storage/meta/append-audit.ts'
import type { TokenRecord, TokenStore } from '../storage/meta/token-store.ts'
import { tokenPermissions, type TokenPermission } from './actions.ts'
import { credentialHash, newCredential } from './credential.ts'
import { modulePatternSyntax } from './module-pattern.ts'

const dayMs = 24 * 3_600_000
const lifetimeDaysDefault = 30
/** What may only read harms less when it is lost. */
const lifetimeDaysMax = { write: 90, read: 366 } as const
/** Of one user: who needs more has forgotten some. */
const tokensMax = 200

export interface TokenOptions {
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
  readonly lifetimeDays?: number | undefined
  /** Without them it may publish. */
  readonly permissions?: readonly TokenPermission[]
  /** `192.0.2.0/24`: networks that it may be used from; none: all. */
  readonly networks?: readonly string[]
  /** Whose it is, and what it can do at most; without one it is the operator's own. */
  readonly userId?: string
  /** Who makes it; without one whoever works at the storage. */
  readonly author?: Author
}

/**
 * Makes a token. It is returned once and stored only as its hash.
 * @throws RangeError when the pattern, a network or the lifetime is not allowed.
 */
export async function createToken(
  tokens: TokenStore,
  options: TokenOptions,
): Promise<{ readonly token: string; readonly record: TokenRecord }> {
  const { modules, description, lifetimeDays = lifetimeDaysDefault, networks = [], userId } = options
  const permissions = tokenPermissions.filter((each) => (options.permissions ?? ['publish']).includes(each))
  const kind = permissions.every((permission) => permission === 'read') ? 'read' : 'write'
  if (!modulePatternSyntax.test(modules)) {
    throw new RangeError(`Cannot create a token for "${modules}": want "@scope/name", "@scope/*" or "*"`)
  }
  if (!(lifetimeDays > 0 && lifetimeDays <= lifetimeDaysMax[kind])) {
    throw new RangeError(`Cannot create a token for ${lifetimeDays} days: want at most ${lifetimeDaysMax[kind]}`)
  }
  const wrong = networks.find((network) => !isNetwork(network))
  if (wrong !== undefined) {
    throw new RangeError(`Cannot create a token for the network "${wrong}": want one such as "192.0.2.0/24"`)
  }
  if (userId !== undefined && (await tokens.countValid(userId)) >= tokensMax) {
    throw new RangeError(`Cannot create a token: found ${tokensMax} that are valid; end some that are not used`)
  }
  const token = newCredential(kind)
  const expiresAt = new Date(Date.now() + lifetimeDays * dayMs).toISOString()
  const hash = credentialHash(token)
  const made = { hash, description, modules, expiresAt, permissions, networks, userId }
  return { token, record: await tokens.add(made, options.author) }
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(address)
  return version !== 0 && Number(bits) <= (version === 6 ? 128 : 32)
}
