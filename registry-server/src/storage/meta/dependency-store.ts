import type { SqlBool, Transaction } from 'kysely'
import type { Sight } from '../../access/sight.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { inSight } from './in-sight.ts'

/** A module of which some version depends on another, with the newest publish that does. */
export interface Dependent {
  readonly name: string
  readonly version: string
  readonly range: string
}

/** Rows of one insert: SQLite and PostgreSQL bound the parameters of a statement. */
const insertRowsMax = 500

/** Who depends on whom, as manifests say it. */
export class DependencyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Those that somebody sees, by name, at most `limit`, and how many there are. */
  async dependents(module: string, sight: Sight, limit: number): Promise<{ total: number; items: Dependent[] }> {
    const last = this.#database.read
      .selectFrom('version_dependencies')
      .innerJoin('versions', 'versions.log_index', 'version_dependencies.log_index')
      .innerJoin('modules', 'modules.id', 'versions.module_id')
      .where('version_dependencies.name', '=', module)
      .where(inSight(sight).$castTo<SqlBool>())
      .groupBy('versions.module_id')
      .select(({ fn }) => fn.max('versions.log_index').as('log_index'))
    const { total } = await this.#database.read
      .selectFrom(last.as('last'))
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const items = await this.#database.read
      .selectFrom(last.as('last'))
      .innerJoin('versions', 'versions.log_index', 'last.log_index')
      .innerJoin('modules', 'modules.id', 'versions.module_id')
      .innerJoin('version_dependencies', 'version_dependencies.log_index', 'last.log_index')
      .where('version_dependencies.name', '=', module)
      .select(['modules.name', 'versions.version', 'version_dependencies.range'])
      .orderBy('modules.name')
      .limit(limit)
      .execute()
    return { total, items }
  }

  /** A version of another module, in whosever sight, that depends on this one and may be chosen. */
  async activeDependent(module: string): Promise<{ module: string; version: string } | undefined> {
    return this.#database.read
      .selectFrom('version_dependencies')
      .innerJoin('versions', 'versions.log_index', 'version_dependencies.log_index')
      .innerJoin('modules', 'modules.id', 'versions.module_id')
      .where('version_dependencies.name', '=', module)
      .where('versions.status', '=', 'active')
      .select(['modules.name as module', 'versions.version'])
      .limit(1)
      .executeTakeFirst()
  }
}

/** Part of the transaction that publishes a version. */
export async function insertDependencies(
  transaction: Transaction<Schema>,
  dependencies: Readonly<Record<string, string>>,
  logIndex: number,
): Promise<void> {
  const rows = Object.entries(dependencies).map(([name, range]) => ({ log_index: logIndex, name, range }))
  for (let at = 0; at < rows.length; at += insertRowsMax) {
    await transaction
      .insertInto('version_dependencies')
      .values(rows.slice(at, at + insertRowsMax))
      .execute()
  }
}
