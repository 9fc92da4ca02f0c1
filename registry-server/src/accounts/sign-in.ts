import { randomInt } from 'node:crypto'
import { credentialHash, newCredential } from '../access/credential.ts'
import { Problem } from '../problem.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import type { SessionRecord } from '../storage/meta/session-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'
import { Attempts } from './attempts.ts'
import { isPassword } from './password.ts'
import { totpStep } from './totp.ts'

const sessionMs = 7 * 24 * 3_600_000
/** A password without its second factor is good for as long as it takes to find one's telephone. */
const unfinishedMs = 10 * 60_000
const recoveryCodes = 10

export interface OpenedSession {
  /** For the client alone. */
  readonly secret: string
  readonly session: SessionRecord
  readonly user: UserRecord
}

export interface SessionOptions {
  readonly kind: SessionRecord['kind']
  /** What the client calls itself. */
  readonly client: string
  readonly secondFactorAt?: string | undefined
}

/** How people prove who they are. What fails is counted by address, ten a minute, and by account, thirty an hour (registry.md §2.8). */
export class SignIn {
  readonly #meta: MetaStore
  readonly #ofAddress = new Attempts({ capacity: 10, refillMs: 6_000 })
  readonly #ofAccount = new Attempts({ capacity: 30, refillMs: 120_000 })

  constructor(meta: MetaStore) {
    this.#meta = meta
  }

  /** Whose password it is. @throws Problem `sign_in` that does not tell what was wrong. */
  password(ip: string, name: string, password: string): Promise<UserRecord> {
    return this.counted(ip, name, async () => {
      const user = await this.#meta.users.byName(name)
      const right = await isPassword(password, user && (await this.#meta.users.password(user.id)))
      if (user && right && user.disabledAt === undefined) return user
      throw new Problem('sign_in', 'Cannot sign in: found no account with this name and password')
    })
  }

  /** @throws Problem `sign_in` when the code is not the one of now, or was taken before. */
  totp(ip: string, user: UserRecord, code: string, now: Date): Promise<void> {
    return this.counted(ip, user.name, async () => {
      const totp = await this.#meta.factors.totp(user.id)
      const step = totp && totpStep(totp.secret, code, now)
      if (step !== undefined && (await this.#meta.factors.takeTotpStep(user.id, step, now.toISOString()))) return
      throw new Problem('sign_in', 'Cannot take this code: it is not the one of now, or was used before')
    })
  }

  /** @throws Problem `sign_in` */
  recoveryCode(ip: string, user: UserRecord, code: string): Promise<void> {
    return this.counted(ip, user.name, async () => {
      if (await this.#meta.factors.takeRecoveryCode(user.id, recoveryHash(user.id, code))) return
      throw new Problem('sign_in', 'Cannot take this recovery code: it is none of yours, or was used before')
    })
  }

  /** Codes that each stand for a second factor once; the former ones end. */
  async newRecoveryCodes(userId: string): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodes }, () => `${letters(5)}-${letters(5)}-${letters(5)}`)
    const hashes = codes.map((code) => recoveryHash(userId, code))
    await this.#meta.factors.setRecoveryCodes(userId, hashes)
    return codes
  }

  async open(user: UserRecord, { kind, client, secondFactorAt }: SessionOptions): Promise<OpenedSession> {
    const now = new Date()
    const secret = newCredential('session')
    const unfinished = user.hasSecondFactor && secondFactorAt === undefined
    const expiresAt = unfinished ? new Date(now.getTime() + unfinishedMs).toISOString() : sessionEnd(now)
    const record = { userId: user.id, hash: credentialHash(secret), kind, client, expiresAt, secondFactorAt }
    return { secret, user, session: await this.#meta.sessions.add(record, now.toISOString()) }
  }

  /** @throws Problem `rate_limited` instead of another refusal, once there were many. */
  counted<T>(ip: string, account: string | undefined, work: () => Promise<T>): Promise<T> {
    return this.#ofAddress.count(ip, () => (account === undefined ? work() : this.#ofAccount.count(account, work)))
  }
}

export function sessionEnd(now: Date): string {
  return new Date(now.getTime() + sessionMs).toISOString()
}

/** Letters that cannot be taken for each other, and that make no words. */
export function letters(count: number): string {
  const alphabet = 'BCDFGHJKLMNPQRSTVWXZ'
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('')
}

function recoveryHash(userId: string, code: string): string {
  return credentialHash(`${userId} ${code.toUpperCase().replaceAll(/[^A-Z]/g, '')}`)
}
