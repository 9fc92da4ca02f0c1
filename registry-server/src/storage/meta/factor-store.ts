import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'
import type { UserRecord } from './user-store.ts'

export interface TotpRecord {
  /** As it is stored: sealed. */
  readonly secret: string
  readonly confirmed: boolean
  readonly lastStep: number
}

/** What people show beside, or instead of, a password. */
export class FactorStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** Id of the key that secrets are sealed with; `undefined` before the first. */
  async sealingKey(): Promise<string | undefined> {
    const row = await this.#database.read.selectFrom('sealing_keys').select('id').executeTakeFirst()
    return row?.id
  }

  /** Names the key unless another is named already. Resolves to the one that is. */
  async claimSealingKey(id: string, at: string): Promise<string> {
    return this.#log.write(async (transaction) => {
      const first = await transaction.selectFrom('sealing_keys').select('id').executeTakeFirst()
      if (first) return first.id
      await transaction.insertInto('sealing_keys').values({ id, created_at: at }).execute()
      return id
    })
  }

  /** @param seal gives nothing for what is to stay as it is */
  async sealSecrets(seal: (secret: string, userId: string) => string | undefined): Promise<void> {
    const rows = await this.#database.read.selectFrom('totp_secrets').select(['user_id', 'secret']).execute()
    for (const { user_id, secret: before } of rows) {
      const secret = seal(before, user_id)
      if (secret === undefined) continue
      await this.#database.write((transaction) =>
        transaction
          .updateTable('totp_secrets')
          .set({ secret })
          .where('user_id', '=', user_id)
          .where('secret', '=', before)
          .execute(),
      )
    }
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
  async setTotp(user: UserRecord, secret: string, author: Author, at: string): Promise<void> {
    await this.#log.write(async (transaction) => {
      await removeTotp(transaction, user, author, at)
      await transaction.insertInto('totp_secrets').values({ user_id: user.id, secret, last_step: 0 }).execute()
    })
  }

  /** Takes a code's 30 seconds, once; whether they were still to be had. The first one makes the secret count. */
  async takeTotpStep({ id: userId, name }: UserRecord, step: number, author: Author, at: string): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const taken = await transaction
        .updateTable('totp_secrets')
        .set((eb) => ({ last_step: step, confirmed_at: eb.fn.coalesce('confirmed_at', eb.val(at)) }))
        .where('user_id', '=', userId)
        .where('last_step', '<', step)
        .returning('confirmed_at')
        .executeTakeFirst()
      if (taken?.confirmed_at === at) {
        await appendAudit(transaction, {
          ...author,
          at,
          action: 'factor.add',
          subject: `user:${name}`,
          after: totpText,
        })
      }
      return taken !== undefined
    })
  }

  async removeTotp(user: UserRecord, author: Author, at: string): Promise<void> {
    await this.#log.write(async (transaction) => {
      await removeTotp(transaction, user, author, at)
      await forgetRecoveryCodes(transaction, user.id)
    })
  }

  /** New codes for the former ones. */
  async setRecoveryCodes(
    { id: userId, name }: UserRecord,
    hashes: readonly string[],
    author: Author,
    at: string,
  ): Promise<void> {
    await this.#log.write(async (transaction) => {
      await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
      await transaction
        .insertInto('recovery_codes')
        .values(hashes.map((hash) => ({ hash, user_id: userId })))
        .execute()
      const after = JSON.stringify({ kind: 'recovery codes', count: hashes.length })
      await appendAudit(transaction, { ...author, at, action: 'factor.add', subject: `user:${name}`, after })
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
}

const totpText = JSON.stringify({ kind: 'totp' })

async function removeTotp(
  transaction: Transaction<Schema>,
  { id, name }: UserRecord,
  author: Author,
  at: string,
): Promise<void> {
  const removed = await transaction
    .deleteFrom('totp_secrets')
    .where('user_id', '=', id)
    .returning('confirmed_at')
    .executeTakeFirst()
  // One of which no code was ever shown was no factor.
  if (!removed?.confirmed_at) return
  await appendAudit(transaction, { ...author, at, action: 'factor.remove', subject: `user:${name}`, before: totpText })
}

/** Once nothing is left that they could stand for. */
export async function forgetRecoveryCodes(transaction: Transaction<Schema>, userId: string): Promise<void> {
  const passkey = transaction.selectFrom('passkeys').select('id').where('user_id', '=', userId).limit(1)
  const totp = transaction.selectFrom('totp_secrets').select('user_id').where('user_id', '=', userId)
  if ((await passkey.executeTakeFirst()) ?? (await totp.where('confirmed_at', 'is not', null).executeTakeFirst()))
    return
  await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
}
