import type { Database } from '../database/database.ts'

export interface AuditQuery {
  readonly scope?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly after: number
}

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

/** The audit trail, to be read. */
export class AuditStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Entries after one, the oldest first. */
  async page({ scope, actor, action, after }: AuditQuery, limit: number): Promise<AuditRecord[]> {
    let query = this.#database.read.selectFrom('audit').selectAll().where('seq', '>', after).orderBy('seq').limit(limit)
    if (scope !== undefined) query = query.where('scope', '=', scope)
    if (actor !== undefined) query = query.where('actor', '=', actor)
    if (action !== undefined) query = query.where('action', '=', action)
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
