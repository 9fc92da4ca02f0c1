import type { Database } from '../database/database.ts'
import { signingIn } from './append-audit.ts'
import type { LogStore } from './log-store.ts'
import { addSession, type NewSession } from './session-store.ts'

export interface DeviceLogin {
  readonly client: string
  readonly expiresAt: string
}

/** Command lines that wait for somebody to sign them in from a browser. */
export class DeviceStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async add(login: DeviceLogin & { readonly hash: string; readonly userCode: string }, now: string): Promise<void> {
    const { hash, userCode, client, expiresAt } = login
    await this.#database.write(async (transaction) => {
      await transaction.deleteFrom('device_logins').where('expires_at', '<=', now).execute()
      const row = { hash, user_code: userCode, client, expires_at: expiresAt }
      await transaction.insertInto('device_logins').values(row).execute()
    })
  }

  /** The login that shows this code and that nobody has answered. */
  async waiting(userCode: string, now: string): Promise<DeviceLogin | undefined> {
    const row = await this.#database.read
      .selectFrom('device_logins')
      .selectAll()
      .where('user_code', '=', userCode)
      .where('expires_at', '>', now)
      .where('user_id', 'is', null)
      .executeTakeFirst()
    return row && { client: row.client, expiresAt: row.expires_at }
  }

  /** Says yes for a user; whether there was one to say yes to. */
  async approve(
    userCode: string,
    by: { readonly userId: string; readonly secondFactorAt: string | undefined },
    now: string,
  ): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const approved = await transaction
        .updateTable('device_logins')
        .set({ user_id: by.userId, second_factor_at: by.secondFactorAt ?? null })
        .where('user_code', '=', userCode)
        .where('expires_at', '>', now)
        .where('user_id', 'is', null)
        .returning('hash')
        .execute()
      return approved.length > 0
    })
  }

  async refuse(userCode: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom('device_logins').where('user_code', '=', userCode).execute(),
    )
  }

  /** Turns a login that was answered into a session, once. */
  async take(
    hash: string,
    session: Omit<NewSession, 'userId' | 'client' | 'secondFactorAt'>,
    ip: string,
    now: string,
  ): Promise<'waiting' | 'gone' | { readonly user: string }> {
    const waits = this.#database.read.selectFrom('device_logins').select('hash')
    const still = waits.where('hash', '=', hash).where('expires_at', '>', now).where('user_id', 'is', null)
    // It is asked for every few seconds: who waits makes nobody else wait.
    if (await still.executeTakeFirst()) return 'waiting'
    return this.#log.write(async (transaction) => {
      const found = await transaction
        .selectFrom('device_logins')
        .innerJoin('users', 'users.id', 'device_logins.user_id')
        .selectAll('device_logins')
        .select('users.name')
        .where('hash', '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      if (!found) return 'gone'
      const taken = await transaction.deleteFrom('device_logins').where('hash', '=', hash).returning('hash').execute()
      if (taken.length === 0) return 'gone'
      const { client, second_factor_at, name } = found
      const opened = { ...session, userId: found.user_id!, client, secondFactorAt: second_factor_at ?? undefined }
      await addSession(transaction, opened, { author: signingIn(name, ip), method: 'device' }, now)
      return { user: name }
    })
  }
}
