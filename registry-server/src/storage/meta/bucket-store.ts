import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { takeLock } from '../database/take-lock.ts'

/** Rows of one table: who has more addresses than this makes the oldest be forgotten, and not the disk full. */
const rowsMax = 100_000
/** Takes after which it is looked whether there are too many. */
const trimEvery = 1_000

export interface Bucket {
  /** What may be done at once. */
  readonly burst: number
  /** After how long one more may be done. */
  readonly refillMs: number
}

export interface Taken {
  readonly allowed: boolean
  /** Whole ones that are left. */
  readonly remaining: number
  /** Until one more may be done. */
  readonly waitMs: number
}

/** Buckets that all replicas of a registry share. */
export class BucketStore {
  readonly #database: Database
  /** Both tables are of one shape, and queries are typed as if there were one. */
  readonly #table: 'buckets'
  #takes = 0

  constructor(database: Database, table: 'buckets' | 'failed_attempts') {
    this.#database = database
    this.#table = table as 'buckets'
  }

  take(key: string, bucket: Bucket, now: Date): Promise<Taken> {
    return this.#alone(async (transaction) => {
      const { filled, at } = await this.#filled(transaction, key, bucket, now)
      const allowed = filled >= 1
      const tokens = allowed ? filled - 1 : filled
      if (allowed) await this.#set(transaction, key, tokens, at)
      if (this.#takes++ % trimEvery === trimEvery - 1) await this.#trim(transaction)
      const waitMs = tokens >= 1 ? 0 : Math.ceil((1 - tokens) * bucket.refillMs)
      return { allowed, remaining: Math.floor(tokens), waitMs }
    })
  }

  /** Gives one back that was taken before it was known whether it had to be. */
  async giveBack(key: string, bucket: Bucket, now: Date): Promise<void> {
    await this.#alone(async (transaction) => {
      const { filled, at } = await this.#filled(transaction, key, bucket, now)
      await this.#set(transaction, key, Math.min(bucket.burst, filled + 1), at)
    })
  }

  /** Forgets those that nobody has used for so long that they are full. */
  async sweep(unusedSince: Date): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom(this.#table).where('at', '<', unusedSince.getTime()).execute(),
    )
  }

  #alone<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'buckets')
      return work(transaction)
    })
  }

  async #filled(
    transaction: Transaction<Schema>,
    key: string,
    { burst, refillMs }: Bucket,
    now: Date,
  ): Promise<{ filled: number; at: number }> {
    const found = await transaction.selectFrom(this.#table).selectAll().where('key', '=', key).executeTakeFirst()
    // A clock that goes back fills nothing, and gives nothing when it goes on.
    const at = Math.max(now.getTime(), found?.at ?? 0)
    return { filled: found ? Math.min(burst, found.tokens + (at - found.at) / refillMs) : burst, at }
  }

  async #set(transaction: Transaction<Schema>, key: string, tokens: number, at: number): Promise<void> {
    await transaction
      .insertInto(this.#table)
      .values({ key, tokens, at })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ tokens, at }))
      .execute()
  }

  async #trim(transaction: Transaction<Schema>): Promise<void> {
    const newest = transaction.selectFrom(this.#table).select('at').orderBy('at', 'desc').offset(rowsMax).limit(1)
    await transaction.deleteFrom(this.#table).where('at', '<=', newest).execute()
  }
}
