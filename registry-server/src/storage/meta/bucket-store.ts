import type { Database } from '../database/database.ts'
import { takeLock } from '../database/take-lock.ts'

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

  constructor(database: Database) {
    this.#database = database
  }

  take(key: string, { burst, refillMs }: Bucket, now: Date): Promise<Taken> {
    return this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'buckets')
      const found = await transaction.selectFrom('buckets').selectAll().where('key', '=', key).executeTakeFirst()
      // A clock that goes back fills nothing, and gives nothing when it goes on.
      const at = Math.max(now.getTime(), found?.at ?? 0)
      const filled = found ? Math.min(burst, found.tokens + (at - found.at) / refillMs) : burst
      const allowed = filled >= 1
      const tokens = allowed ? filled - 1 : filled
      await transaction
        .insertInto('buckets')
        .values({ key, tokens, at })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ tokens, at }))
        .execute()
      const waitMs = tokens >= 1 ? 0 : Math.ceil((1 - tokens) * refillMs)
      return { allowed, remaining: Math.floor(tokens), waitMs }
    })
  }

  /** Forgets those that nobody has used for so long that they are full. */
  async sweep(unusedSince: Date): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom('buckets').where('at', '<', unusedSince.getTime()).execute(),
    )
  }
}
