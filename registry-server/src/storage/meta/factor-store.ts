import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

export interface PasskeyRecord {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** Base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  readonly createdAt: string
  readonly lastUsedAt: string | undefined
}

export interface TotpRecord {
  readonly secret: string
  readonly confirmed: boolean
  readonly lastStep: number
}

/** What people show beside, or instead of, a password. */
export class FactorStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async totp(userId: string): Promise<TotpRecord | undefined> {
    const row = await this.#database.read
      .selectFrom('totp_secrets')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst()
    return row && { secret: row.secret, confirmed: row.confirmed_at !== null, lastStep: row.last_step }
  }

  /** Begins anew: a secret counts only once a code of it was shown. */
  async setTotp(userId: string, secret: string): Promise<void> {
    await this.#database.write(async (transaction) => {
      await transaction.deleteFrom('totp_secrets').where('user_id', '=', userId).execute()
      await transaction.insertInto('totp_secrets').values({ user_id: userId, secret, last_step: 0 }).execute()
    })
  }

  /** Takes a code's 30 seconds, once; whether they were still to be had. */
  async takeTotpStep(userId: string, step: number, at: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const taken = await transaction
        .updateTable('totp_secrets')
        .set((eb) => ({ last_step: step, confirmed_at: eb.fn.coalesce('confirmed_at', eb.val(at)) }))
        .where('user_id', '=', userId)
        .where('last_step', '<', step)
        .returning('user_id')
        .execute()
      return taken.length > 0
    })
  }

  async removeTotp(userId: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom('totp_secrets').where('user_id', '=', userId).execute(),
    )
  }

  async passkeys(userId: string): Promise<PasskeyRecord[]> {
    const rows = await this.#database.read
      .selectFrom('passkeys')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .execute()
    return rows.map(passkeyRecord)
  }

  async passkey(id: string): Promise<PasskeyRecord | undefined> {
    const row = await this.#database.read.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()
    return row && passkeyRecord(row)
  }

  async addPasskey({
    transports,
    publicKey,
    userId,
    createdAt,
    ...key
  }: Omit<PasskeyRecord, 'lastUsedAt'>): Promise<void> {
    const row = {
      ...key,
      user_id: userId,
      public_key: publicKey,
      created_at: createdAt,
      transports: transports.join(','),
    }
    await this.#database.write((transaction) => transaction.insertInto('passkeys').values(row).execute())
  }

  async usedPasskey(id: string, counter: number, at: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('passkeys').set({ counter, last_used_at: at }).where('id', '=', id).execute(),
    )
  }

  async removePasskey(id: string, userId: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const removed = await transaction
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .execute()
      return removed.length > 0
    })
  }

  /** New codes for the former ones. */
  async setRecoveryCodes(userId: string, hashes: readonly string[]): Promise<void> {
    await this.#database.write(async (transaction) => {
      await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
      if (hashes.length === 0) return
      await transaction
        .insertInto('recovery_codes')
        .values(hashes.map((hash) => ({ hash, user_id: userId })))
        .execute()
    })
  }

  async recoveryCodesLeft(userId: string): Promise<number> {
    const { left } = await this.#database.read
      .selectFrom('recovery_codes')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow()
    return left
  }

  /** Whether it was one of the user's codes; it is gone with the answer. */
  async takeRecoveryCode(userId: string, hash: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const taken = await transaction
        .deleteFrom('recovery_codes')
        .where('hash', '=', hash)
        .where('user_id', '=', userId)
        .returning('hash')
        .execute()
      return taken.length > 0
    })
  }

  async addChallenge(challenge: string, userId: string | undefined, expiresAt: string): Promise<void> {
    const row = { challenge, user_id: userId ?? null, expires_at: expiresAt }
    await this.#database.write((transaction) => transaction.insertInto('challenges').values(row).execute())
  }

  /** Whose challenge it is (`null`: anybody's); gone with the answer. `undefined`: there is none. */
  async takeChallenge(challenge: string, now: string): Promise<string | null | undefined> {
    return this.#database.write(async (transaction) => {
      await transaction.deleteFrom('challenges').where('expires_at', '<=', now).execute()
      const taken = await transaction
        .deleteFrom('challenges')
        .where('challenge', '=', challenge)
        .returning('user_id')
        .executeTakeFirst()
      return taken && taken.user_id
    })
  }
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
