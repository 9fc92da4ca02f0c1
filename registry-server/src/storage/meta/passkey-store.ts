import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import { forgetRecoveryCodes } from './factor-store.ts'
import type { LogStore } from './log-store.ts'
import type { UserRecord } from './user-store.ts'

/** Of one user: a key for each device, and some that lie in drawers. */
const passkeysMax = 20
/** Of one session or browser: who opens more pages at once has to load the first again. */
const challengesMax = 5

export interface PasskeyRecord {
  /** Base64url, as the authenticator says. */
  readonly id: string
  readonly userId: string
  readonly name: string
  /** Base64url of the COSE key. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  readonly createdAt: string
  readonly lastUsedAt: string | undefined
}

export interface Challenge {
  readonly challenge: string
  readonly purpose: 'register' | 'sign-in' | 'second-factor'
  /** Which session, or which browser, it was made for. */
  readonly binding: string
}

/** Keys that authenticators keep, and what they were asked to sign. */
export class PasskeyStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** Of one user, the oldest first. */
  async list(userId: string): Promise<PasskeyRecord[]> {
    const all = this.#database.read.selectFrom('passkeys').selectAll().orderBy('created_at')
    return (await all.where('user_id', '=', userId).execute()).map(passkeyRecord)
  }

  async find(id: string): Promise<PasskeyRecord | undefined> {
    const row = await this.#database.read.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()
    return row && passkeyRecord(row)
  }

  async add(
    passkey: Omit<PasskeyRecord, 'lastUsedAt' | 'userId' | 'createdAt'>,
    user: UserRecord,
    author: Author,
    at: string,
  ): Promise<'added' | 'exists' | 'too many'> {
    const { id, name, publicKey, counter, transports } = passkey
    return this.#log.write(async (transaction) => {
      const before = await transaction.selectFrom('passkeys').select('id').where('user_id', '=', user.id).execute()
      if (before.length >= passkeysMax) return 'too many'
      const added = await transaction
        .insertInto('passkeys')
        .values({
          id,
          user_id: user.id,
          name,
          public_key: publicKey,
          counter,
          transports: transports.join(','),
          created_at: at,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .execute()
      if (added.length === 0) return 'exists'
      await audit(transaction, { action: 'factor.add', user, author, at, after: { kind: 'passkey', name } })
      return 'added'
    })
  }

  /** Whether the user has it. */
  async rename(id: string, name: string, user: UserRecord, author: Author, at: string): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const found = await mine(transaction, id, user)
      if (!found) return false
      await transaction.updateTable('passkeys').set({ name }).where('id', '=', id).execute()
      const [before, after] = [found, { name }]
      await audit(transaction, { action: 'factor.rename', user, author, at, before, after })
      return true
    })
  }

  /** Takes one away, unless nothing would be left to sign in with. */
  async remove(id: string, user: UserRecord, author: Author, at: string): Promise<'removed' | 'none' | 'last'> {
    return this.#log.write(async (transaction) => {
      const found = await mine(transaction, id, user)
      if (!found) return 'none'
      if (!(await hasOtherWayIn(transaction, id, user.id))) return 'last'
      await transaction.deleteFrom('passkeys').where('id', '=', id).execute()
      await forgetRecoveryCodes(transaction, user.id)
      const before = { kind: 'passkey', ...found }
      await audit(transaction, { action: 'factor.remove', user, author, at, before })
      return 'removed'
    })
  }

  /**
   * Moves the counter on; whether it went on. Of two uses with one counter, at whatever servers, one is refused: only a
   * copy of the key makes them. Authenticators that do not count always say 0 (WebAuthn §6.1.1).
   */
  async used({ id }: PasskeyRecord, counter: number, at: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const moved = await transaction
        .updateTable('passkeys')
        .set({ counter, last_used_at: at })
        .where('id', '=', id)
        .where((is) =>
          is.or([is('counter', '<', counter), is.and([is('counter', '=', 0), is(is.val(counter), '=', 0)])]),
        )
        .returning('id')
        .execute()
      return moved.length > 0
    })
  }

  async addChallenge({ challenge, purpose, binding }: Challenge, expiresAt: string, now: string): Promise<void> {
    await this.#database.write(async (transaction) => {
      await transaction.deleteFrom('challenges').where('expires_at', '<=', now).execute()
      const former = await transaction
        .selectFrom('challenges')
        .select('challenge')
        .where('binding', '=', binding)
        .orderBy('expires_at', 'desc')
        .offset(challengesMax - 1)
        .limit(challengesMax)
        .execute()
      for (const old of former) {
        await transaction.deleteFrom('challenges').where('challenge', '=', old.challenge).execute()
      }
      await transaction
        .insertInto('challenges')
        .values({ challenge, purpose, binding, expires_at: expiresAt })
        .execute()
    })
  }

  /** Whether there was such a challenge; gone with the answer. */
  async takeChallenge({ challenge, purpose, binding }: Challenge, now: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const taken = await transaction
        .deleteFrom('challenges')
        .where('challenge', '=', challenge)
        .where('purpose', '=', purpose)
        .where('binding', '=', binding)
        .where('expires_at', '>', now)
        .returning('challenge')
        .execute()
      return taken.length > 0
    })
  }
}

function mine(
  transaction: Transaction<Schema>,
  id: string,
  { id: userId }: UserRecord,
): Promise<{ readonly name: string } | undefined> {
  const one = transaction.selectFrom('passkeys').select('name').where('id', '=', id)
  return one.where('user_id', '=', userId).executeTakeFirst()
}

async function hasOtherWayIn(transaction: Transaction<Schema>, id: string, userId: string): Promise<boolean> {
  const password = transaction.selectFrom('users').select('id').where('id', '=', userId)
  if (await password.where('password', 'is not', null).executeTakeFirst()) return true
  const other = transaction.selectFrom('passkeys').select('id').where('user_id', '=', userId).where('id', '!=', id)
  return (await other.limit(1).executeTakeFirst()) !== undefined
}

interface FactorChange {
  readonly action: 'factor.add' | 'factor.remove' | 'factor.rename'
  readonly user: UserRecord
  readonly author: Author
  readonly at: string
  readonly before?: object
  readonly after?: object
}

async function audit(transaction: Transaction<Schema>, change: FactorChange): Promise<void> {
  const { action, user, author, at, before, after } = change
  const facts = { before: before ? JSON.stringify(before) : null, after: after ? JSON.stringify(after) : null }
  await appendAudit(transaction, { ...author, at, action, subject: `user:${user.name}`, ...facts })
}

function passkeyRecord(row: Selectable<Schema['passkeys']>): PasskeyRecord {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports === '' ? [] : row.transports.split(','),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}
