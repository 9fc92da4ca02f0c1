import { randomUUID } from 'node:crypto'
import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** Of one webhook: what more happens meanwhile is counted and not kept. */
const waitingMax = 1_000
/** Of one webhook, after they were delivered or have failed. */
const finishedMax = 200
const finishedMs = 30 * 24 * 3_600_000
/** Longer than an attempt takes: whoever has not said what came of it by then is gone. */
const sendingMs = 60_000
/** Nothing has arrived for so long that nobody listens. */
const failingMs = 5 * 24 * 3_600_000
/** After how long it is tried again, over one day. */
const retryMs = [5_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 4 * 3_600_000, 8 * 3_600_000, 9 * 3_600_000]
/** A receiver may ask for more patience, but not for another day. */
const retryAfterMsMax = 9 * 3_600_000

export interface Delivery {
  readonly id: string
  readonly type: string
  readonly body: string
  readonly createdAt: string
  readonly state: 'waiting' | 'delivered' | 'failed'
  readonly attempts: number
  readonly dueAt: string
  readonly attemptedAt: string | null
  readonly status: number | null
  readonly failure: string | null
  readonly response: string | null
}

/** A delivery that nobody else sends now. */
export interface ClaimedDelivery {
  readonly id: string
  readonly webhookId: string
  readonly attempts: number
  readonly body: string
  readonly url: string
  /** Those that are valid, the newest first. */
  readonly secrets: readonly string[]
}

/** What came of an attempt. */
export interface Attempt {
  readonly delivered: boolean
  /** The receiver wants nothing any more. */
  readonly gone: boolean
  readonly status: number | null
  readonly failure: string | null
  readonly response: string | null
  readonly retryAfterMs: number | undefined
}

/** What is told. */
export interface Message {
  readonly type: string
  readonly at: string
  readonly data: object
}

/** Has something told to one webhook; nothing where too much waits for it already. */
export async function addDelivery(
  transaction: Transaction<Schema>,
  webhookId: string,
  { type, at, data }: Message,
): Promise<string | undefined> {
  const { waiting } = await transaction
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('webhook_id', '=', webhookId)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  if (waiting >= waitingMax) {
    await transaction
      .updateTable('webhooks')
      .set(({ eb }) => ({ dropped: eb('dropped', '+', 1) }))
      .where('id', '=', webhookId)
      .execute()
    return undefined
  }
  const id = `msg_${randomUUID()}`
  const body = JSON.stringify({ type, timestamp: at, data })
  const row = { id, webhook_id: webhookId, type, body, created_at: at, state: 'waiting', attempts: 0, due_at: at }
  await transaction.insertInto('webhook_deliveries').values(row).execute()
  return id
}

/** What webhooks are still to be told, and what they were told. */
export class DeliveryStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** The newest first. */
  async list(webhookId: string, limit: number): Promise<Delivery[]> {
    const rows = await this.#database.read
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_id', '=', webhookId)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(delivery)
  }

  /** Sends it again, now and with the same id, unless it is just being sent; nothing where there is none. */
  async replay(webhookId: string, id: string, at: string): Promise<Delivery | undefined> {
    return this.#database.write(async (transaction) => {
      await transaction
        .updateTable('webhook_deliveries')
        .set({ state: 'waiting', attempts: 0, due_at: at })
        .where('id', '=', id)
        .where('webhook_id', '=', webhookId)
        .where('sending_until', 'is', null)
        .execute()
      const row = await transaction
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('id', '=', id)
        .where('webhook_id', '=', webhookId)
        .executeTakeFirst()
      return row && delivery(row)
    })
  }

  /**
   * Takes the delivery that has waited longest, of a webhook to which nothing is under way; of several servers each takes
   * another one. Who takes it and dies without a word has lost it after a minute.
   */
  async claim(now: Date): Promise<ClaimedDelivery | undefined> {
    // A look takes no lock: mostly there is nothing.
    if (!(await dueAt(this.#database.read, now).executeTakeFirst())) return undefined
    return this.#database.write(async (transaction) => {
      const due = dueAt(transaction, now)
      const locked = this.#database.dialect === 'postgres' ? due.forUpdate('delivery').skipLocked() : due
      const row = await locked.executeTakeFirst()
      if (!row) return undefined
      const until = new Date(now.getTime() + sendingMs).toISOString()
      const attempts = row.attempts + 1
      await transaction
        .updateTable('webhook_deliveries')
        .set({ attempts, due_at: until, sending_until: until, attempted_at: now.toISOString() })
        .where('id', '=', row.id)
        .execute()
      const former = row.former_until !== null && row.former_until > now.toISOString() ? [row.former_secret!] : []
      const { id, webhook_id: webhookId, body, url, secret } = row
      return { id, webhookId, attempts, body, url, secrets: [secret, ...former] }
    })
  }

  /** Notes what came of an attempt; nothing where somebody else has taken it over meanwhile. */
  async settle({ id, webhookId, attempts }: ClaimedDelivery, attempt: Attempt, now: Date): Promise<void> {
    const { delivered, status, failure, response } = attempt
    const due = delivered ? undefined : nextAttempt(attempts, attempt.retryAfterMs, now)
    const state = delivered ? 'delivered' : due ? 'waiting' : 'failed'
    const outcome = { status, failure, response, state, sending_until: null, ...(due && { due_at: due.toISOString() }) }
    const failing = await this.#database.write(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('webhook_deliveries')
        .set(outcome)
        .where('id', '=', id)
        .where('attempts', '=', attempts)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return undefined
      return transaction
        .updateTable('webhooks')
        .set(({ fn, ref, val }) => ({
          failing_since: delivered ? null : fn.coalesce(ref('failing_since'), val(now.toISOString())),
        }))
        .where('id', '=', webhookId)
        .returning('failing_since')
        .executeTakeFirst()
    })
    if (delivered || !failing) return
    if (attempt.gone) await this.#disable(webhookId, 'its address answered that it is gone (410)', now)
    else if (now.getTime() - Date.parse(failing.failing_since!) > failingMs) {
      await this.#disable(webhookId, `nothing has arrived since ${failing.failing_since}`, now)
    }
  }

  /** Forgets what is old or too much of what is over. */
  async sweep(now: Date): Promise<void> {
    const before = new Date(now.getTime() - finishedMs).toISOString()
    await this.#database.write(async (transaction) => {
      await transaction
        .deleteFrom('webhook_deliveries')
        .where('state', '!=', 'waiting')
        .where('created_at', '<', before)
        .execute()
      for (const { id } of await transaction.selectFrom('webhooks').select('id').execute()) {
        const oldest = await transaction
          .selectFrom('webhook_deliveries')
          .select('created_at')
          .where('webhook_id', '=', id)
          .where('state', '!=', 'waiting')
          .orderBy('created_at', 'desc')
          .offset(finishedMax)
          .limit(1)
          .executeTakeFirst()
        if (!oldest) continue
        await transaction
          .deleteFrom('webhook_deliveries')
          .where('webhook_id', '=', id)
          .where('state', '!=', 'waiting')
          .where('created_at', '<=', oldest.created_at)
          .execute()
      }
    })
  }

  async #disable(webhookId: string, because: string, now: Date): Promise<void> {
    const at = now.toISOString()
    await this.#log.write(async (transaction) => {
      const row = await transaction
        .updateTable('webhooks')
        .set({ disabled_at: at, disabled_because: because })
        .where('id', '=', webhookId)
        .where('disabled_at', 'is', null)
        .returningAll()
        .executeTakeFirst()
      if (!row) return
      await transaction
        .updateTable('webhook_deliveries')
        .set({ state: 'failed', failure: 'the webhook was disabled', sending_until: null })
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'waiting')
        .execute()
      const after = JSON.stringify({ id: webhookId, url: row.url, because })
      const subject = row.scope ?? 'registry'
      await appendAudit(transaction, { at, actor: 'registry', ip: '', action: 'webhook.disable', subject, after })
    })
  }
}

function dueAt(reader: Database['read'] | Transaction<Schema>, now: Date) {
  const at = now.toISOString()
  return reader
    .selectFrom('webhook_deliveries as delivery')
    .innerJoin('webhooks', 'webhooks.id', 'delivery.webhook_id')
    .select(['delivery.id', 'delivery.webhook_id', 'delivery.attempts', 'delivery.body'])
    .select(['webhooks.url', 'webhooks.secret', 'webhooks.former_secret', 'webhooks.former_until'])
    .where('delivery.state', '=', 'waiting')
    .where('delivery.due_at', '<=', at)
    .where('webhooks.disabled_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('webhook_deliveries as other')
            .select('other.id')
            .whereRef('other.webhook_id', '=', 'delivery.webhook_id')
            .where('other.sending_until', '>', at),
        ),
      ),
    )
    .orderBy('delivery.due_at')
    .limit(1)
}

/** With a little chance in it: receivers that were away together are not asked together. */
function nextAttempt(attempts: number, retryAfterMs: number | undefined, now: Date): Date | undefined {
  const delayMs = retryMs[attempts - 1]
  if (delayMs === undefined) return undefined
  const jittered = delayMs * (0.9 + 0.2 * Math.random())
  return new Date(now.getTime() + Math.max(jittered, Math.min(retryAfterMs ?? 0, retryAfterMsMax)))
}

function delivery(row: Selectable<Schema['webhook_deliveries']>): Delivery {
  return {
    id: row.id,
    type: row.type,
    body: row.body,
    createdAt: row.created_at,
    state: row.state as Delivery['state'],
    attempts: row.attempts,
    dueAt: row.due_at,
    attemptedAt: row.attempted_at,
    status: row.status,
    failure: row.failure,
    response: row.response,
  }
}
