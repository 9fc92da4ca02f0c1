import { type Transaction } from 'kysely'
import type { Database } from '../storage/database/database.ts'
import type { Schema } from '../storage/database/schema.ts'
import { takeLock } from '../storage/database/take-lock.ts'
import { newestVersion } from '../storage/meta/newest-version.ts'
import type { VersionRecord, VersionStore } from '../storage/meta/version-store.ts'
import { indexedItem } from './module-facets.ts'
import { indexWords, type ModuleTexts } from './word-index.ts'

/** Keeps what is searched in step with the log: one job for each event about a module. */
export class SearchIndexer {
  readonly #database: Database
  readonly #versions: VersionStore

  constructor(database: Database, versions: VersionStore) {
    this.#database = database
    this.#versions = versions
  }

  /** Makes the module that an event is about findable as it is now: by its newest active version, or not at all. */
  async index(logIndex: number, transaction: Transaction<Schema>): Promise<void> {
    const module = await transaction
      .selectFrom('log_leaves')
      .innerJoin('modules', 'modules.name', 'module')
      .select(['modules.id', 'modules.name'])
      .where('idx', '=', logIndex)
      .executeTakeFirst()
    if (!module) return
    // Until the commit nobody else takes a number: whoever sees one has seen those below it. And what is read now is
    // what the last one to index this module has committed, or newer.
    await takeLock(this.#database.dialect, transaction, 'search')
    const versions = await this.#versions.list(module.name, transaction)
    const shown = newestVersion(versions.filter(({ status }) => status === 'active'))
    const texts = shown && (await textsOf(transaction, shown))
    await indexWords(this.#database.dialect, transaction, module.id, texts)
    await putRow(transaction, module.id, shown)
  }
}

async function textsOf(transaction: Transaction<Schema>, { logIndex, manifest }: VersionRecord): Promise<ModuleTexts> {
  const { readme } = await transaction
    .selectFrom('versions')
    .select('readme')
    .where('log_index', '=', logIndex)
    .executeTakeFirstOrThrow()
  const { name, description, components, functions, keywords = [] } = manifest
  const tags = components.flatMap((component) => component.tags)
  const parts = [...components, ...functions]
  return {
    name,
    keywords: [...keywords, ...parts.map((part) => part.name), ...tags].join(' '),
    description: [description, ...parts.map(({ summary }) => summary)].join('\n'),
    readme: readme ?? '',
  }
}

async function putRow(
  transaction: Transaction<Schema>,
  moduleId: number,
  shown: VersionRecord | undefined,
): Promise<void> {
  const { last } = await transaction
    .selectFrom('search_modules')
    .select(({ fn }) => fn.max<number | null>('seq').as('last'))
    .executeTakeFirstOrThrow()
  const row = {
    seq: (last ?? 0) + 1,
    log_index: shown?.logIndex ?? null,
    item: shown ? JSON.stringify(indexedItem(shown)) : '',
  }
  await transaction
    .insertInto('search_modules')
    .values({ module_id: moduleId, ...row })
    .onConflict((conflict) => conflict.column('module_id').doUpdateSet(row))
    .execute()
}
