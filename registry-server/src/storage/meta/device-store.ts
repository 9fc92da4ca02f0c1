import type { Database } from '../database/database.ts'
import { addSession, type NewSession } from './session-store.ts'

export interface DeviceLogin {
  readonly client: string
  readonly expiresAt: string
}

/** Command lines that wait for somebody to sign them in from a browser. */
export class DeviceStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
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
    now: string,
  ): Promise<'waiting' | 'gone' | { readonly userId: string }> {
    return this.#database.write(async (transaction) => {
      const found = await transaction
        .selectFrom('device_logins')
        .selectAll()
        .where('hash', '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      if (!found) return 'gone'
      if (found.user_id === null) return 'waiting'
      const taken = await transaction.deleteFrom('device_logins').where('hash', '=', hash).returning('hash').execute()
      if (taken.length === 0) return 'gone'
      const { user_id: userId, client, second_factor_at } = found
      await addSession(transaction, { ...session, userId, client, secondFactorAt: second_factor_at ?? undefined }, now)
      return { userId }
    })
  }
}
