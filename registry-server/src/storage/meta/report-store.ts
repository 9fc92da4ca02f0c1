import { randomUUID } from 'node:crypto'
import type { NewReport, ReportDescription } from '@ingot/manifest'
import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** About one module that nobody has looked at yet: more say nothing new. */
const openMax = 100
/** How long what was decided is kept. */
const decidedMs = 365 * 24 * 3_600_000
/** An account that is younger may have been made for the report. */
const accountAgeMs = 7 * 24 * 3_600_000
/** A version is young for so long; afterwards people would have seen it, and quarantine would break more than it saves. */
const versionAgeMs = 14 * 24 * 3_600_000
/** Different people who must have said so. */
const credibleReporters = 3

export type ReportRecord = ReportDescription
export type ReportState = ReportRecord['state']

export interface Reporter {
  readonly id: string
  readonly name: string
  readonly createdAt: string
}

/** What people say about modules that do harm. Nothing follows from it but that somebody looks. */
export class ReportStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** Resolves to its id; nothing where too many about the module wait. What one person says twice is one report. */
  add(report: NewReport, reporter: Reporter | undefined, author: Author, now: Date): Promise<string | undefined> {
    const { kind, module, version = null, path = null, line = null, message } = report
    return this.#log.write(async (transaction) => {
      const open = await transaction
        .selectFrom('reports')
        .selectAll()
        .where('module', '=', module)
        .where('state', '=', 'open')
        .execute()
      const same = open.find(
        (row) => reporter && row.user_id === reporter.id && row.version === version && row.kind === kind,
      )
      if (same) return same.id
      if (open.length >= openMax) return undefined
      const id = randomUUID()
      const at = now.toISOString()
      const credible = reporter && now.getTime() - Date.parse(reporter.createdAt) >= accountAgeMs
      const row = { id, kind, module, version, path, line, message, credible: Number(credible ?? false) }
      await transaction
        .insertInto('reports')
        .values({
          ...row,
          user_id: reporter?.id ?? null,
          reporter: reporter?.name ?? null,
          created_at: at,
          state: 'open',
        })
        .execute()
      // Not under the module's name: its owners, who read of their scope, need not know who has reported it.
      await appendAudit(transaction, { ...author, at, action: 'report', subject: `report ${id}` })
      return id
    })
  }

  /** The oldest first, from one that the reader has seen on. */
  async list(state: ReportState, after: string | undefined, limit: number, now: Date): Promise<ReportRecord[]> {
    const last = after === undefined ? undefined : await this.#row(after)
    let query = this.#database.read.selectFrom('reports').selectAll().where('state', '=', state)
    if (last) {
      const { created_at: at, id } = last
      query = query.where((where) =>
        where.or([where('created_at', '>', at), where.and([where('created_at', '=', at), where('id', '>', id)])]),
      )
    }
    const rows = await query.orderBy('created_at').orderBy('id').limit(limit).execute()
    return Promise.all(rows.map((row) => this.#described(row, now)))
  }

  async find(id: string, now: Date): Promise<ReportRecord | undefined> {
    const row = await this.#row(id)
    return row && this.#described(row, now)
  }

  /** As it is afterwards; nothing where there is none. */
  async decide(
    id: string,
    { state, note }: { readonly state: ReportState; readonly note: string | null },
    author: Author,
    now: Date,
  ): Promise<ReportRecord | undefined> {
    const at = now.toISOString()
    const decided = await this.#log.write(async (transaction) => {
      const before = await transaction.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
      if (!before) return undefined
      const by =
        state === 'open' ? { decided_by: null, decided_at: null } : { decided_by: author.actor, decided_at: at }
      await transaction
        .updateTable('reports')
        .set({ state, note, ...by })
        .where('id', '=', id)
        .execute()
      const facts = { before: JSON.stringify({ state: before.state }), after: JSON.stringify({ state, note }) }
      await appendAudit(transaction, { ...author, at, action: 'report.decide', subject: `report ${id}`, ...facts })
      return { ...before, state, note, ...by }
    })
    return decided && this.#described(decided, now)
  }

  async sweep(now: Date): Promise<void> {
    await this.#database.write((transaction) =>
      transaction
        .deleteFrom('reports')
        .where('decided_at', '<', new Date(now.getTime() - decidedMs).toISOString())
        .execute(),
    )
  }

  #row(id: string): Promise<Selectable<Schema['reports']> | undefined> {
    return this.#database.read.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
  }

  async #described(row: Selectable<Schema['reports']>, now: Date): Promise<ReportRecord> {
    const { user_id: _, created_at, decided_by, decided_at, kind, state, credible, ...plain } = row
    return {
      ...plain,
      kind: kind as ReportRecord['kind'],
      state: state as ReportState,
      credible: credible === 1,
      createdAt: created_at,
      decidedBy: decided_by,
      decidedAt: decided_at,
      suggestion: state === 'open' && (await this.#speakForQuarantine(row, now)) ? 'quarantine' : null,
    }
  }

  /** Whether enough different people say that a young version is malware. */
  async #speakForQuarantine({ module, version }: Selectable<Schema['reports']>, now: Date): Promise<boolean> {
    if (version === null) return false
    const published = await this.#database.read
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select(['published_at', 'status'])
      .where('name', '=', module)
      .where('version', '=', version)
      .executeTakeFirst()
    const isYoung = published && now.getTime() - Date.parse(published.published_at) < versionAgeMs
    if (!isYoung || (published.status !== 'active' && published.status !== 'yanked')) return false
    const { people } = await this.#database.read
      .selectFrom('reports')
      .select(({ fn }) => fn.count<number>('user_id').distinct().as('people'))
      .where('module', '=', module)
      .where('version', '=', version)
      .where('kind', '=', 'malware')
      .where('state', '=', 'open')
      .where('credible', '=', 1)
      .executeTakeFirstOrThrow()
    return people >= credibleReporters
  }
}
