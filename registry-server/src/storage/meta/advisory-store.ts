import { canonicalJson } from '@ingot/trust'
import type { Transaction } from 'kysely'
import { Problem } from '../../problem.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** All advisories are one document, which every client reads: it must stay small. */
const advisoriesMax = 20_000

/** A record of the OSV schema, as far as a registry writes it. */
export interface AdvisoryRecord {
  readonly schema_version: string
  readonly id: string
  readonly published: string
  readonly modified: string
  readonly withdrawn?: string
  readonly summary: string
  readonly details?: string
  readonly affected: readonly {
    readonly package: { readonly ecosystem: string; readonly name: string }
    readonly ranges: readonly { readonly type: string; readonly events: readonly Record<string, string>[] }[]
  }[]
}

/** What is known about modules that do harm: each advisory is an event of the log. */
export class AdvisoryStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** Makes or changes an advisory of a scope. `make` gets the one that there was, and the number that a new one has. */
  write(
    scope: string,
    { author, registry, at }: { author: Author; registry: string; at: string },
    make: (found: AdvisoryRecord | undefined, number: number) => AdvisoryRecord,
    id?: string,
  ): Promise<AdvisoryRecord> {
    return this.#log.write(async (transaction) => {
      const row = id === undefined ? undefined : await findIn(transaction, scope, id)
      if (id !== undefined && !row) throw new Problem('not_found', `Cannot find the advisory "${id}" of ${scope}`)
      if (!row) await wantRoom(transaction)
      const record = make(row, await this.#log.size(transaction))
      const leaf = canonicalJson({ advisory: record, scope, by: [author.actor], at, registry })
      const event = { type: 'advisory', subject: `${scope} ${record.id}`, module: null, at, leaf } as const
      const { index } = await this.#log.append(transaction, event)
      await put(transaction, scope, record, index)
      await appendAudit(transaction, {
        ...author,
        at,
        action: 'advisory',
        subject: `${scope} ${record.id}`,
        before: row ? JSON.stringify(row) : null,
        after: JSON.stringify(record),
      })
      return record
    })
  }

  /** By the event that said so last: all of them, those of one module, or those of one scope. */
  async list(of: { module?: string; scope?: string } = {}): Promise<{ scope: string; record: AdvisoryRecord }[]> {
    let query = this.#database.read.selectFrom('advisories').selectAll('advisories').orderBy('log_index')
    if (of.scope !== undefined) query = query.where('scope', '=', of.scope)
    if (of.module !== undefined) {
      query = query.where('id', 'in', (select) =>
        select.selectFrom('advisory_modules').select('advisory_id').where('module', '=', of.module!),
      )
    }
    const rows = await query.execute()
    return rows.map(({ scope, record }) => ({ scope, record: JSON.parse(record) as AdvisoryRecord }))
  }
}

async function findIn(
  transaction: Transaction<Schema>,
  scope: string,
  id: string,
): Promise<AdvisoryRecord | undefined> {
  const row = await transaction
    .selectFrom('advisories')
    .select('record')
    .where('id', '=', id)
    .where('scope', '=', scope)
    .executeTakeFirst()
  return row && (JSON.parse(row.record) as AdvisoryRecord)
}

async function wantRoom(transaction: Transaction<Schema>): Promise<void> {
  const { count } = await transaction
    .selectFrom('advisories')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count >= advisoriesMax) throw new Problem('busy', `Cannot take another advisory: there are ${count}`)
}

async function put(
  transaction: Transaction<Schema>,
  scope: string,
  record: AdvisoryRecord,
  index: number,
): Promise<void> {
  const text = JSON.stringify(record)
  await transaction
    .insertInto('advisories')
    .values({ id: record.id, log_index: index, scope, record: text })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ log_index: index, record: text }))
    .execute()
  await transaction.deleteFrom('advisory_modules').where('advisory_id', '=', record.id).execute()
  const modules = [...new Set(record.affected.map(({ package: { name } }) => name))]
  await transaction
    .insertInto('advisory_modules')
    .values(modules.map((module) => ({ advisory_id: record.id, module })))
    .execute()
}
