import { randomInt } from 'node:crypto'
import { credentialHash, newCredential } from '../access/credential.ts'
import { Problem } from '../problem.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import { signingIn } from '../storage/meta/append-audit.ts'
import type { SessionRecord } from '../storage/meta/session-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'
import { addressKey, Attempts } from './attempts.ts'
import { isPassword } from './password.ts'
import type { SecretSeal } from './secret-seal.ts'
import { newTotpSecret, totpStep } from './totp.ts'

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

/** From where, and when. */
export interface Proving {
  readonly ip: string
  readonly now: Date
}

export interface SessionOptions extends Proving {
  readonly kind: SessionRecord['kind']
  /** What the client calls itself. */
  readonly client: string
  /** By what they have proved who they are. */
  readonly method: string
  readonly secondFactorAt?: string | undefined
}

/** What is tried where there is no such account is written down this often and no more: anybody can try anything. */
const unknownRefusals = { burst: 60, refillMs: 60_000 }

/**
 * How people prove who they are. What fails is counted by address, ten a minute, and by account, thirty an hour
 * (registry.md §2.8), and written down in the audit trail.
 */
export class SignIn {
  readonly #meta: MetaStore
  readonly #seal: SecretSeal
  readonly #ofAddress: Attempts
  readonly #ofAccount: Attempts

  constructor(meta: MetaStore, seal: SecretSeal) {
    this.#meta = meta
    this.#seal = seal
    this.#ofAddress = new Attempts(meta.failedAttempts, 'sign-in address', { burst: 10, refillMs: 6_000 })
    this.#ofAccount = new Attempts(meta.failedAttempts, 'sign-in account', { burst: 30, refillMs: 120_000 })
  }

  /** Whose password it is. @throws Problem `sign_in` that does not tell what was wrong. */
  password(name: string, password: string, { ip, now }: Proving): Promise<UserRecord> {
    return this.counted(ip, name, async () => {
      const user = await this.#meta.users.byName(name)
      const right = await isPassword(password, user && (await this.#meta.users.password(user.id)))
      if (user && right && user.disabledAt === undefined) return user
      await this.refused(user, 'password', { ip, now })
      throw new Problem('sign_in', 'Cannot sign in: found no account with this name and password')
    })
  }

  /** The secret for an authenticator app, which counts once a code of it is shown. */
  async newTotp(user: UserRecord, { ip, now }: Proving): Promise<string> {
    const secret = newTotpSecret()
    const sealed = this.#seal.seal(secret, user.id)
    await this.#meta.factors.setTotp(user, sealed, signingIn(user.name, ip), now.toISOString())
    return secret
  }

  /** @throws Problem `sign_in` when the code is not the one of now, or was taken before. */
  totp(user: UserRecord, code: string, { ip, now }: Proving): Promise<void> {
    return this.counted(ip, user.name, async () => {
      const { factors } = this.#meta
      const totp = await factors.totp(user.id)
      const step = totp && totpStep(this.#seal.open(totp.secret, user.id), code, now)
      const author = signingIn(user.name, ip)
      if (step !== undefined && (await factors.takeTotpStep(user, step, author, now.toISOString()))) return
      await this.refused(user, 'totp', { ip, now })
      throw new Problem('sign_in', 'Cannot take this code: it is not the one of now, or was used before')
    })
  }

  /** @throws Problem `sign_in` */
  recoveryCode(user: UserRecord, code: string, { ip, now }: Proving): Promise<void> {
    return this.counted(ip, user.name, async () => {
      if (await this.#meta.factors.takeRecoveryCode(user.id, recoveryHash(user.id, code))) return
      await this.refused(user, 'recovery code', { ip, now })
      throw new Problem('sign_in', 'Cannot take this recovery code: it is none of yours, or was used before')
    })
  }

  /** Codes that each stand for a second factor once; the former ones end. */
  async newRecoveryCodes(user: UserRecord, { ip, now }: Proving): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodes }, () => `${letters(5)}-${letters(5)}-${letters(5)}`)
    const hashes = codes.map((code) => recoveryHash(user.id, code))
    await this.#meta.factors.setRecoveryCodes(user, hashes, signingIn(user.name, ip), now.toISOString())
    return codes
  }

  async open(
    user: UserRecord,
    { kind, client, method, secondFactorAt, ip, now }: SessionOptions,
  ): Promise<OpenedSession> {
    const secret = newCredential('session')
    const unfinished = user.hasSecondFactor && secondFactorAt === undefined
    const expiresAt = unfinished ? new Date(now.getTime() + unfinishedMs).toISOString() : sessionEnd(now)
    const record = { userId: user.id, hash: credentialHash(secret), kind, client, expiresAt, secondFactorAt }
    const opened = { author: signingIn(user.name, ip), method }
    return { secret, user, session: await this.#meta.sessions.add(record, opened, now.toISOString()) }
  }

  /** @throws Problem `rate_limited` instead of another refusal, once there were many. */
  counted<T>(ip: string, account: string | undefined, work: () => Promise<T>): Promise<T> {
    // Names that nobody has are counted too: who has an account cannot be told from that. People mistake fields, so no
    // name is kept as it was typed.
    const byAccount = (): Promise<T> =>
      account === undefined ? work() : this.#ofAccount.count(credentialHash(account), work)
    return this.#ofAddress.count(addressKey(ip), byAccount)
  }

  /** As {@link counted}, for secrets that nobody can guess: what succeeds, or is only asked again, costs nothing. */
  async countedAfter<T>(ip: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Problem) await this.#ofAddress.failed(addressKey(ip))
      throw error
    }
  }

  /** Writes down that somebody was not let in. */
  async refused(user: UserRecord | undefined, method: string, { ip, now }: Proving, reason?: string): Promise<void> {
    const { audit, failedAttempts } = this.#meta
    if (!user && !(await failedAttempts.take('refusals without account', unknownRefusals, now)).allowed) return
    const subject = user ? `user:${user.name}` : 'user'
    const what = { action: 'session.refuse', subject, after: JSON.stringify({ method, reason }) }
    await audit.append({ actor: 'anonymous', ip, at: now.toISOString(), ...what })
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
