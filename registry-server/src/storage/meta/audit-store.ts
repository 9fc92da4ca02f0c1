import type { Database } from '../database/database.ts'
import { appendAudit, type AuditEntry } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

export interface AuditQuery {
  readonly scope?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** ISO 8601 times: entries from the one on, and before the other. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** One entry's place; entries of a page come after it, or before it with the newest first. */
export type AuditPlace = { readonly after: number } | { readonly before: number }

export interface AuditRecord {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly token: string | null
  readonly ip: string
  readonly action: string
  readonly subject: string
  readonly before: unknown
  readonly after: unknown
  readonly prevHash: string
  readonly hash: string
}

/** The audit trail: to be read, and for what changes nothing else. */
export class AuditStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.#log.write((transaction) => appendAudit(transaction, entry))
  }

  /** Entries after a place, the oldest first, or before it, the newest first. */
  async page({ scope, actor, action, from, to }: AuditQuery, place: AuditPlace, limit: number): Promise<AuditRecord[]> {
    const all = this.#database.read.selectFrom('audit').selectAll().limit(limit)
    let query =
      'after' in place
        ? all.where('seq', '>', place.after).orderBy('seq')
        : all.where('seq', '<', place.before).orderBy('seq', 'desc')
    if (scope !== undefined) query = query.where('scope', '=', scope)
    if (actor !== undefined) query = query.where('actor', '=', actor)
    if (action !== undefined) query = query.where('action', '=', action)
    if (from !== undefined) query = query.where('at', '>=', from)
    if (to !== undefined) query = query.where('at', '<', to)
    return (await query.execute()).map((row) => ({
      seq: row.seq,
      at: row.at,
      actor: row.actor,
      token: row.token,
      ip: row.ip,
      action: row.action,
      subject: row.subject,
      before: row.before === null ? null : JSON.parse(row.before),
      after: row.after === null ? null : JSON.parse(row.after),
      prevHash: row.prev_hash,
      hash: row.hash,
    }))
  }
}
