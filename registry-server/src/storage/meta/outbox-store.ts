import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

/** What is done about an event after its commit. */
export type OutboxTopic = 'search' | 'erase' | 'webhook'

export interface OutboxJob {
  readonly topic: OutboxTopic
  readonly logIndex: number
  readonly attempts: number
}

export interface WaitingJob extends OutboxJob {
  readonly dueAt: string
  /** What the event is about. */
  readonly subject: string
}

/** A job that fails waits twice as long each time, up to an hour. */
const firstDelayMs = 1_000
const delayMsMax = 3_600_000

/** Adds jobs about an event, within its transaction: they are there if and only if the event is. */
export async function addToOutbox(
  transaction: Transaction<Schema>,
  topics: readonly OutboxTopic[],
  logIndex: number,
  dueAt: string,
): Promise<void> {
  const rows = topics.map((topic) => ({ topic, log_index: logIndex, attempts: 0, due_at: dueAt }))
  await transaction.insertInto('outbox').values(rows).execute()
}

/** What is still to be done about events. */
export class OutboxStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Does the job that has waited longest, in the transaction that deletes it; of several servers each takes another one.
   * A job that fails is put off. Resolves to whether there was one.
   */
  async runNext(
    now: Date,
    work: (job: OutboxJob, transaction: Transaction<Schema>) => Promise<void>,
  ): Promise<boolean> {
    let taken: OutboxJob | undefined
    try {
      await this.#database.write(async (transaction) => {
        taken = await this.#take(transaction, now)
        if (taken) await work(taken, transaction)
      })
    } catch (error) {
      if (!taken) throw error
      await this.#putOff(taken, now)
    }
    return taken !== undefined
  }

  /** Jobs that are still there, those that failed most often first. */
  async waiting(limit: number): Promise<WaitingJob[]> {
    const rows = await this.#database.read
      .selectFrom('outbox')
      .innerJoin('log_leaves', 'log_leaves.idx', 'log_index')
      .select(['topic', 'log_index', 'attempts', 'due_at', 'subject'])
      .orderBy('attempts', 'desc')
      .orderBy('due_at')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      topic: row.topic as OutboxTopic,
      logIndex: row.log_index,
      attempts: row.attempts,
      dueAt: row.due_at,
      subject: row.subject,
    }))
  }

  async depth(): Promise<number> {
    const { depth } = await this.#database.read
      .selectFrom('outbox')
      .select(({ fn }) => fn.countAll<number>().as('depth'))
      .executeTakeFirstOrThrow()
    return depth
  }

  async #take(transaction: Transaction<Schema>, now: Date): Promise<OutboxJob | undefined> {
    const due = transaction
      .selectFrom('outbox')
      .selectAll()
      .where('due_at', '<=', now.toISOString())
      .orderBy('due_at')
      .limit(1)
    const locked = this.#database.dialect === 'postgres' ? due.forUpdate().skipLocked() : due
    const row = await locked.executeTakeFirst()
    if (!row) return undefined
    await transaction
      .deleteFrom('outbox')
      .where('topic', '=', row.topic)
      .where('log_index', '=', row.log_index)
      .execute()
    return { topic: row.topic as OutboxTopic, logIndex: row.log_index, attempts: row.attempts }
  }

  async #putOff({ topic, logIndex, attempts }: OutboxJob, now: Date): Promise<void> {
    const dueAt = new Date(now.getTime() + Math.min(firstDelayMs * 2 ** attempts, delayMsMax)).toISOString()
    await this.#database.write((transaction) =>
      transaction
        .updateTable('outbox')
        .set({ attempts: attempts + 1, due_at: dueAt })
        .where('topic', '=', topic)
        .where('log_index', '=', logIndex)
        .execute(),
    )
  }
}
