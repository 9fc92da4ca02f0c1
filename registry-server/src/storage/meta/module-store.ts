import { sql, type Transaction } from 'kysely'
import type { Sight } from '../../access/sight.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { inSight } from './in-sight.ts'
import { newestVersion } from './newest-version.ts'
import { indexedText, matching, orderBytewise } from './search-language.ts'
import type { VersionRecord, VersionStore } from './version-store.ts'

export interface ModuleSummary {
  readonly name: string
  readonly latest: VersionRecord
}

export interface ModuleQuery {
  /** Words; every one must begin some word of the module's name, text or components. */
  readonly words: readonly string[]
  /** Whose eyes look. */
  readonly sight: Sight
  readonly limit: number
  readonly offset: number
}

/** Modules, as people look for them. */
export class ModuleStore {
  readonly #database: Database
  readonly #versions: VersionStore

  constructor(database: Database, versions: VersionStore) {
    this.#database = database
    this.#versions = versions
  }

  /** All modules by name, or those that match, the best first. */
  async search({ words, sight, limit, offset }: ModuleQuery): Promise<{ total: number; items: ModuleSummary[] }> {
    const { dialect, read } = this.#database
    const { from, order } =
      words.length === 0 ? { from: sql`modules WHERE 1 = 1`, order: orderBytewise(dialect) } : matching(dialect, words)
    const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM ${from} AND ${inSight(sight)}`.execute(
      read,
    )
    const { rows } = await sql<{ name: string }>`
      SELECT modules.name AS name FROM ${from} AND ${inSight(sight)} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`.execute(
      read,
    )
    const items: ModuleSummary[] = []
    for (const { name } of rows) {
      const latest = newestVersion(await this.#versions.list(name))
      if (latest) items.push({ name, latest })
    }
    return { total: counted.rows[0]!.total, items }
  }

  /** Makes the module that an event is about findable as it is now. */
  async index(logIndex: number, transaction: Transaction<Schema>): Promise<void> {
    const found = transaction
      .selectFrom('log_leaves')
      .innerJoin('modules', 'modules.name', 'module')
      .select(['modules.id', 'modules.name'])
      .where('idx', '=', logIndex)
    // Of two servers that do this for one module, the second must read what the first has not seen.
    const event = await (
      this.#database.dialect === 'postgres' ? found.forNoKeyUpdate('modules') : found
    ).executeTakeFirst()
    if (!event) return
    const latest = newestVersion(await this.#versions.list(event.name, transaction))!
    const { readme } = await transaction
      .selectFrom('versions')
      .select('readme')
      .where('log_index', '=', latest.logIndex)
      .executeTakeFirstOrThrow()
    const { description, components } = latest.manifest
    const summaries = components.map(({ name, summary }) => `${name} ${summary}`).join('\n')
    const text = { name: event.name, description, components: summaries, readme: readme ?? '' }
    for (const statement of indexedText(this.#database.dialect, event.id, text)) await statement.execute(transaction)
  }
}
