import { BlockList, isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { addressKey, Attempts } from '../accounts/attempts.ts'
import { Problem } from '../problem.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import { credentialHash, credentialKind, type CredentialKind } from './credential.ts'
import { anonymous, type Principal } from './principal.ts'
import { sessionCookie } from './session-cookie.ts'

/** When a credential was last used is written down this exactly: not every request is a write. */
const usedExactlyMs = 60_000

const challenge = { headers: { 'www-authenticate': 'Bearer' } }

/** Tells who sends a request, by its credential alone. */
export class Identifier {
  readonly #meta: MetaStore
  /** Of one address, ten a minute: beyond them it is not told what was wrong (registry.md §2.8). */
  readonly #attempts: Attempts

  constructor(meta: MetaStore) {
    this.#meta = meta
    this.#attempts = new Attempts(meta.failedAttempts, 'credential address', { burst: 10, refillMs: 6_000 })
  }

  /** @throws Problem when there is a credential that is not valid: who shows one wants to be somebody. */
  async identify(request: FastifyRequest, now: Date): Promise<Principal> {
    const { authorization } = request.headers
    if (authorization !== undefined) return this.#counted(authorization, request.ip, now)
    // A cookie is sent unasked: one that has ended is none.
    const cookie = sessionCookie.read(request.headers.cookie)
    return (cookie !== undefined && (await this.#session(cookie, now))) || anonymous
  }

  /** Nobody can guess what is random, and what is valid costs no question of how often others behind the address failed. */
  async #counted(header: string, ip: string, now: Date): Promise<Principal> {
    try {
      return await this.#bearer(header, ip, now)
    } catch (error) {
      if (error instanceof Problem) await this.#attempts.failed(addressKey(ip))
      throw error
    }
  }

  async #bearer(header: string, ip: string, now: Date): Promise<Principal> {
    const [, credential] = /^Bearer +(\S+)$/i.exec(header) ?? []
    if (credential === undefined) {
      throw new Problem(
        'token_missing',
        'Cannot read the credential: want the header "authorization: Bearer …"',
        challenge,
      )
    }
    const kind = credentialKind(credential)
    const found = await this.#byKind(kind, credential, ip, now)
    if (found) return found
    throw new Problem('token_invalid', 'Cannot use this token: it is not one of this registry', challenge)
  }

  async #byKind(
    kind: CredentialKind | undefined,
    credential: string,
    ip: string,
    now: Date,
  ): Promise<Principal | undefined> {
    if (kind === 'session') return this.#session(credential, now)
    if (kind === 'write' || kind === 'read') return this.#token(credential, ip, now)
    if (kind !== 'exchange') return undefined
    const grant = await this.#meta.publishers.grant(credentialHash(credential), now.toISOString())
    return grant && { kind: 'workflow', grant }
  }

  async #session(secret: string, now: Date): Promise<Principal | undefined> {
    const session = await this.#meta.sessions.find(credentialHash(secret))
    if (!session || new Date(session.expiresAt) <= now) return undefined
    const user = await this.#meta.users.find(session.userId)
    if (!user || user.disabledAt !== undefined) return undefined
    if (user.hasSecondFactor && session.secondFactorAt === undefined) {
      return { kind: 'anonymous', unfinished: { session, user } }
    }
    if (isOld(session.lastUsedAt, now)) await this.#meta.sessions.used(session.id, now.toISOString())
    return { kind: 'session', session, user }
  }

  async #token(secret: string, ip: string, now: Date): Promise<Principal | undefined> {
    const token = await this.#meta.tokens.find(credentialHash(secret))
    if (!token) return undefined
    if (token.revokedAt !== undefined || new Date(token.expiresAt) <= now) {
      throw new Problem('token_expired', `Cannot use this token: it ended at ${token.revokedAt ?? token.expiresAt}`, {
        ...challenge,
        hint: 'create another one: ingot registry token create',
      })
    }
    const user = token.userId === undefined ? undefined : await this.#meta.users.find(token.userId)
    if (token.userId !== undefined && (!user || user.disabledAt !== undefined)) return undefined
    if (!allowsAddress(token.networks, ip)) {
      throw new Problem('token_scope', `Cannot use this token from ${ip}: it is for ${token.networks.join(', ')}`)
    }
    if (isOld(token.lastUsedAt, now)) await this.#meta.tokens.used(token.id, now.toISOString())
    return { kind: 'token', token, user }
  }
}

function isOld(at: string | undefined, now: Date): boolean {
  return at === undefined || now.getTime() - new Date(at).getTime() > usedExactlyMs
}

function allowsAddress(networks: readonly string[], ip: string): boolean {
  if (networks.length === 0) return true
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  const address = ip.replace(/^::ffff:(?=\d+\.)/, '')
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
