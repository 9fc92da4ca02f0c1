import { randomUUID } from 'node:crypto'
import { sql, type Selectable, type Transaction } from 'kysely'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, operator, signingIn, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

export interface UserRecord {
  readonly id: string
  readonly name: string
  readonly email: string | undefined
  readonly staff: boolean
  /** Whether a passkey or a TOTP secret is set up. */
  readonly hasSecondFactor: boolean
  readonly createdAt: string
  readonly disabledAt: string | undefined
}

export interface NewUser {
  readonly name: string
  readonly email: string | undefined
  readonly staff: boolean
}

/** People. */
export class UserStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** Resolves to nothing when the name is taken. */
  async add({ name, email, staff }: NewUser, at: string): Promise<UserRecord | undefined> {
    const row = { id: randomUUID(), name, email: email ?? null, staff: staff ? 1 : 0, created_at: at }
    return this.#database.write(async (transaction) => {
      await transaction
        .insertInto('users')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return this.#one(transaction, 'id', row.id)
    })
  }

  find(id: string): Promise<UserRecord | undefined> {
    return this.#one(this.#database.read, 'id', id)
  }

  byName(name: string): Promise<UserRecord | undefined> {
    return this.#one(this.#database.read, 'name', name)
  }

  async list(): Promise<UserRecord[]> {
    const rows = await selectUsers(this.#database.read).orderBy('name').execute()
    return rows.map(userRecord)
  }

  async password(id: string): Promise<string | undefined> {
    const row = await this.#database.read.selectFrom('users').select('password').where('id', '=', id).executeTakeFirst()
    return row?.password ?? undefined
  }

  /** Sets a password and ends what was signed in with the former one, but for one session. */
  async setPassword(
    { id, name }: UserRecord,
    password: string,
    exceptSession: string | undefined,
    author: Author,
    at: string,
  ): Promise<void> {
    await this.#log.write(async (transaction) => {
      await transaction.updateTable('users').set({ password }).where('id', '=', id).execute()
      const sessionsEnded = await endSessions(transaction, id, exceptSession)
      const after = JSON.stringify({ sessionsEnded })
      await appendAudit(transaction, { ...author, at, action: 'password.set', subject: `user:${name}`, after })
    })
  }

  async setStaff(id: string, staff: boolean): Promise<void> {
    await this.#database.write((transaction) =>
      transaction
        .updateTable('users')
        .set({ staff: staff ? 1 : 0 })
        .where('id', '=', id)
        .execute(),
    )
  }

  /** A user who is disabled has no session and no token that works; what they did stays. */
  async setDisabled({ id, name }: UserRecord, disabled: boolean, at: string): Promise<void> {
    await this.#log.write(async (transaction) => {
      const row = { disabled_at: disabled ? at : null }
      await transaction.updateTable('users').set(row).where('id', '=', id).execute()
      if (disabled) await endSessions(transaction, id)
      const action = disabled ? 'user.disable' : 'user.enable'
      await appendAudit(transaction, { ...operator, at, action, subject: `user:${name}` })
    })
  }

  async addSetupLink(hash: string, { id, name }: UserRecord, expiresAt: string, at: string): Promise<void> {
    await this.#log.write(async (transaction) => {
      await transaction.insertInto('setup_links').values({ hash, user_id: id, expires_at: expiresAt }).execute()
      const after = JSON.stringify({ expiresAt })
      await appendAudit(transaction, { ...operator, at, action: 'user.link', subject: `user:${name}`, after })
    })
  }

  async setupLinkUser(hash: string, now: string): Promise<UserRecord | undefined> {
    const row = await this.#database.read
      .selectFrom('setup_links')
      .select('user_id')
      .where('hash', '=', hash)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row && this.find(row.user_id)
  }

  /** Sets the password of the user whose link it is, and ends what they had; whether the link was still there. */
  async takeSetupLink(hash: string, password: string, ip: string, at: string): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const taken = await transaction
        .deleteFrom('setup_links')
        .where('hash', '=', hash)
        .returning('user_id')
        .executeTakeFirst()
      if (!taken) return false
      await transaction.updateTable('users').set({ password }).where('id', '=', taken.user_id).execute()
      await transaction.deleteFrom('setup_links').where('user_id', '=', taken.user_id).execute()
      const after = JSON.stringify({ by: 'set-up link', sessionsEnded: await endSessions(transaction, taken.user_id) })
      const { name } = (await this.#one(transaction, 'id', taken.user_id))!
      const author = signingIn(name, ip)
      await appendAudit(transaction, { ...author, at, action: 'password.set', subject: `user:${name}`, after })
      return true
    })
  }

  async #one(reader: Reader, column: 'id' | 'name', value: string): Promise<UserRecord | undefined> {
    const row = await selectUsers(reader).where(column, '=', value).executeTakeFirst()
    return row && userRecord(row)
  }
}

/** Resolves to how many there were. */
async function endSessions(transaction: Transaction<Schema>, userId: string, except?: string): Promise<number> {
  const all = transaction.deleteFrom('sessions').where('user_id', '=', userId)
  const ended = await (except === undefined ? all : all.where('id', '!=', except)).returning('id').execute()
  return ended.length
}

function selectUsers(reader: Reader) {
  return reader.selectFrom('users').select([
    'id',
    'name',
    'email',
    'staff',
    'created_at',
    'disabled_at',
    sql<number>`(SELECT count(*) FROM passkeys WHERE user_id = users.id)
      + (SELECT count(*) FROM totp_secrets WHERE user_id = users.id AND confirmed_at IS NOT NULL)`.as('factors'),
  ])
}

function userRecord(row: Omit<Selectable<Schema['users']>, 'password'> & { readonly factors: number }): UserRecord {
  return {
    id: row.id,
    name: row.name,
    email: row.email ?? undefined,
    staff: row.staff === 1,
    hasSecondFactor: row.factors > 0,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  }
}
