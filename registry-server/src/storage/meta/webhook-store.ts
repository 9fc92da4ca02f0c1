import { randomUUID } from 'node:crypto'
import type { WebhookEvent } from '@ingot/manifest'
import type { Selectable, Transaction } from 'kysely'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import { addDelivery } from './delivery-store.ts'
import type { LogStore } from './log-store.ts'

/** Of one scope, and of the registry: each is told of everything. */
export const webhooksMax = 20
/** How long a secret goes on after it was changed: until every receiver knows the next one. */
const formerSecretMs = 24 * 3_600_000

export interface WebhookRecord {
  readonly id: string
  /** `null`: of the registry. */
  readonly scope: string | null
  readonly url: string
  readonly description: string
  readonly events: readonly WebhookEvent[]
  readonly createdAt: string
  readonly createdBy: string
  readonly formerUntil: string | null
  readonly failingSince: string | null
  readonly waiting: number
  readonly dropped: number
  readonly disabledAt: string | null
  readonly disabledBecause: string | null
}

export interface NewWebhook extends Pick<WebhookRecord, 'scope' | 'url' | 'description' | 'events'> {
  readonly secret: string
}

export type WebhookChange = Partial<Pick<WebhookRecord, 'url' | 'description' | 'events'>> & {
  readonly enabled?: boolean
}

interface TimedAuthor extends Author {
  readonly at: string
}

/** Whom a registry tells what has happened. */
export class WebhookStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async list(scope: string | null): Promise<WebhookRecord[]> {
    const rows = await ofScope(this.#database.read, scope).orderBy('created_at').execute()
    return Promise.all(rows.map((row) => withWaiting(this.#database.read, row)))
  }

  /** The one of this id, where it is of this scope. */
  async find(scope: string | null, id: string): Promise<WebhookRecord | undefined> {
    const row = await ofScope(this.#database.read, scope).where('id', '=', id).executeTakeFirst()
    return row && withWaiting(this.#database.read, row)
  }

  /** Makes one, and has it pinged; nothing where there are too many. */
  create(webhook: NewWebhook, author: TimedAuthor): Promise<WebhookRecord | undefined> {
    const { scope, url, description, events, secret } = webhook
    return this.#log.write(async (transaction) => {
      const others = await ofScope(transaction, scope).execute()
      if (others.length >= webhooksMax) return undefined
      const id = randomUUID()
      const row = { id, scope, url, description, events: JSON.stringify(events), secret }
      await transaction
        .insertInto('webhooks')
        .values({ ...row, created_at: author.at, created_by: author.actor })
        .execute()
      await addPing(transaction, { id, scope }, author.at)
      await audit(transaction, scope, author, 'webhook.create', { id, url, events })
      return withWaiting(transaction, await wanted(transaction, id))
    })
  }

  /** As it is afterwards; nothing where there is none. One that is enabled begins anew. */
  change(
    scope: string | null,
    id: string,
    { enabled, events, ...plain }: WebhookChange,
    author: TimedAuthor,
  ): Promise<WebhookRecord | undefined> {
    return this.#of(scope, id, async (transaction, { disabled_at }) => {
      const state =
        enabled === undefined
          ? {}
          : enabled
            ? { disabled_at: null, disabled_because: null, failing_since: null }
            : { disabled_at: disabled_at ?? author.at, disabled_because: 'its owners have switched it off' }
      const set = { ...plain, ...(events && { events: JSON.stringify(events) }), ...state }
      if (Object.keys(set).length > 0) {
        await transaction.updateTable('webhooks').set(set).where('id', '=', id).execute()
        await audit(transaction, scope, author, 'webhook.change', { id, enabled, events, ...plain })
      }
      return withWaiting(transaction, await wanted(transaction, id))
    })
  }

  /** From now on it is signed with `secret`; for a day with the one before too. */
  rotate(scope: string | null, id: string, secret: string, author: TimedAuthor): Promise<WebhookRecord | undefined> {
    return this.#of(scope, id, async (transaction, before) => {
      const former_until = new Date(Date.parse(author.at) + formerSecretMs).toISOString()
      const set = { secret, former_secret: before.secret, former_until }
      await transaction.updateTable('webhooks').set(set).where('id', '=', id).execute()
      await audit(transaction, scope, author, 'webhook.rotate', { id })
      return withWaiting(transaction, await wanted(transaction, id))
    })
  }

  /** Resolves to whether there was one. */
  async remove(scope: string | null, id: string, author: TimedAuthor): Promise<boolean> {
    const removed = await this.#of(scope, id, async (transaction, { url }) => {
      await transaction.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute()
      await transaction.deleteFrom('webhooks').where('id', '=', id).execute()
      await audit(transaction, scope, author, 'webhook.delete', { id, url })
      return true
    })
    return removed === true
  }

  /** Has one pinged; nothing where there is none. Resolves to the id of the delivery, or `full` where too many wait. */
  ping(scope: string | null, id: string, at: string): Promise<string | undefined> {
    return this.#of(scope, id, (transaction) => addPing(transaction, { id, scope }, at))
  }

  #of<T>(
    scope: string | null,
    id: string,
    work: (transaction: Transaction<Schema>, row: Selectable<Schema['webhooks']>) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#log.write(async (transaction) => {
      const row = await ofScope(transaction, scope).where('id', '=', id).executeTakeFirst()
      return row && work(transaction, row)
    })
  }
}

function ofScope(reader: Reader, scope: string | null) {
  return reader
    .selectFrom('webhooks')
    .selectAll()
    .where((where) => (scope === null ? where('scope', 'is', null) : where('scope', '=', scope)))
}

async function wanted(reader: Reader, id: string): Promise<Selectable<Schema['webhooks']>> {
  return reader.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function addPing(
  transaction: Transaction<Schema>,
  { id, scope }: { readonly id: string; readonly scope: string | null },
  at: string,
): Promise<string> {
  const delivery = await addDelivery(transaction, id, { type: 'ping', at, data: { webhook: id, scope } })
  return delivery ?? 'full'
}

/** Owners read of those of their scope; those of the registry are for those who run it. */
async function audit(
  transaction: Transaction<Schema>,
  scope: string | null,
  author: TimedAuthor,
  action: string,
  after: object,
): Promise<void> {
  await appendAudit(transaction, { ...author, action, subject: scope ?? 'registry', after: JSON.stringify(after) })
}

async function withWaiting(reader: Reader, row: Selectable<Schema['webhooks']>): Promise<WebhookRecord> {
  const { waiting } = await reader
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('webhook_id', '=', row.id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return {
    id: row.id,
    scope: row.scope,
    url: row.url,
    description: row.description,
    events: JSON.parse(row.events) as WebhookEvent[],
    createdAt: row.created_at,
    createdBy: row.created_by,
    formerUntil: row.former_until !== null && row.former_until > new Date().toISOString() ? row.former_until : null,
    failingSince: row.failing_since,
    waiting,
    dropped: row.dropped,
    disabledAt: row.disabled_at,
    disabledBecause: row.disabled_because,
  }
}
