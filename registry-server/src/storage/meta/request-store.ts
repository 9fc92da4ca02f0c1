import type { Database } from '../database/database.ts'
import { takeLock } from '../database/take-lock.ts'

/** Longer than a request may take: whoever did it is gone without an answer. */
const runningMs = 150_000
/** How long a request is remembered. */
const rememberedMs = 24 * 3_600_000
/** Of one credential; what came first is forgotten first. */
const requestsMax = 1_000

export interface BegunRequest {
  readonly id: string
  readonly owner: string
  readonly fingerprint: string
}

export type Begun =
  | { readonly kind: 'new' }
  | { readonly kind: 'other' }
  | { readonly kind: 'running' }
  | { readonly kind: 'answered'; readonly answer: string }

/** Requests that are to be done once, as all servers of a registry know them. */
export class RequestStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Begins a request, unless it was begun before: then that, or another one under the same key, is what is found. */
  begin({ id, owner, fingerprint }: BegunRequest, now: Date): Promise<Begun> {
    return this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'requests')
      const found = await transaction
        .selectFrom('idempotent_requests')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      if (found && found.expires_at > now.toISOString()) {
        if (found.fingerprint !== fingerprint) return { kind: 'other' }
        if (found.answer !== null) return { kind: 'answered', answer: found.answer }
        if (now.getTime() - Date.parse(found.begun_at) < runningMs) return { kind: 'running' }
      }
      const row = {
        fingerprint,
        begun_at: now.toISOString(),
        expires_at: new Date(now.getTime() + rememberedMs).toISOString(),
        answer: null,
      }
      await transaction
        .insertInto('idempotent_requests')
        .values({ id, owner, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
      const tooOld = await transaction
        .selectFrom('idempotent_requests')
        .select('begun_at')
        .where('owner', '=', owner)
        .orderBy('begun_at', 'desc')
        .offset(requestsMax)
        .limit(1)
        .executeTakeFirst()
      if (tooOld) {
        await transaction
          .deleteFrom('idempotent_requests')
          .where('owner', '=', owner)
          .where('begun_at', '<=', tooOld.begun_at)
          .execute()
      }
      return { kind: 'new' }
    })
  }

  async answer(id: string, answer: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('idempotent_requests').set({ answer }).where('id', '=', id).execute(),
    )
  }

  /** It was not done: whoever asks again is heard again. */
  async forget(id: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom('idempotent_requests').where('id', '=', id).execute(),
    )
  }

  async sweep(now: Date): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.deleteFrom('idempotent_requests').where('expires_at', '<=', now.toISOString()).execute(),
    )
  }
}
