import { scopeOf, searchWordsMax, type SearchAnswer, type SearchItem, type SearchParameters } from '@ingot/manifest'
import { sql } from 'kysely'
import type { Sight } from '../access/sight.ts'
import { Problem } from '../problem.ts'
import type { Database } from '../storage/database/database.ts'
import { FacetCounter } from './count-facets.ts'
import { highlight, highlightExcerpt } from './highlight.ts'
import type { IndexedItem } from './module-facets.ts'
import { scoreMatches } from './score-matches.ts'
import { SearchCatalogue, type CatalogueEntry } from './search-catalogue.ts'
import { FirstOf, parseCursor } from './search-order.ts'
import { searchWords } from './search-words.ts'
import { findWords } from './word-index.ts'

/** Of a README, where words are looked for to show them. */
const readmeCharactersMax = 20_000

/**
 * Finds modules. The database says which modules have which words; what fits best, what is chosen and what is counted is
 * decided here, and so is the same for every database.
 */
export class ModuleSearch {
  readonly #database: Database
  readonly #catalogue: SearchCatalogue

  constructor(database: Database) {
    this.#database = database
    this.#catalogue = new SearchCatalogue(database)
  }

  /** `within`: scopes; modules of others are left out. @throws Problem when the cursor is not one of this search. */
  async search(parameters: SearchParameters, sight: Sight, within?: ReadonlySet<string>): Promise<SearchAnswer> {
    const { q, sort, cursor, limit } = parameters
    const after = cursor === undefined ? undefined : parseCursor(sort, cursor)
    if (cursor !== undefined && !after) {
      throw new Problem('request_invalid', `Cannot search: the cursor is none of a search by ${sort}`, {
        hint: 'want the "next" of the page before, with the same query',
      })
    }
    const words = [...new Set(searchWords(q))].slice(0, searchWordsMax)
    // Text that has no word in it finds nothing; no text finds everything.
    if (words.length === 0 && q.trim() !== '') return this.#nothing(parameters)
    const [finds, isHidden] = await Promise.all([
      findWords(this.#database, words),
      this.#hiddenFrom(sight),
      this.#catalogue.follow(),
    ])
    const scores = scoreMatches(this.#catalogue, words, finds)
    const facets = new FacetCounter(this.#catalogue, parameters)
    const first = new FirstOf({ sort, after, limit })
    let total = 0
    const { entries } = this.#catalogue
    for (let place = 0; place < scores.length; place++) {
      const score = scores[place]!
      const entry = score > 0 ? entries[place] : undefined
      if (!entry || isHidden(entry.name) || within?.has(scopeOf(entry.name)) === false || !facets.take(entry)) continue
      total++
      first.add(entry, score)
    }
    const items = await this.#items(first.entries(), words)
    return { total, items, facets: facets.counts(), next: first.next() }
  }

  #nothing(parameters: SearchParameters): SearchAnswer {
    return { total: 0, items: [], facets: new FacetCounter(this.#catalogue, parameters).counts(), next: null }
  }

  /** Neither listed nor counted: what somebody may not see is not there. */
  async #hiddenFrom({ scopes, module: only }: Sight): Promise<(module: string) => boolean> {
    const rows = await this.#database.read
      .selectFrom('scopes')
      .select('name')
      .where('visibility', '=', 'private')
      .execute()
    const hidden = new Set(scopes === 'all' ? [] : rows.map(({ name }) => name))
    if (hidden.size === 0) return () => false
    return (module) => {
      const scope = scopeOf(module)
      return hidden.has(scope) && !(scopes.includes(scope) && (only === undefined || only === module))
    }
  }

  async #items(entries: readonly CatalogueEntry[], words: readonly string[]): Promise<SearchItem[]> {
    if (entries.length === 0) return []
    const rows = await this.#database.read
      .selectFrom('search_modules')
      .leftJoin('versions', 'versions.log_index', 'search_modules.log_index')
      .select(['search_modules.module_id', 'item'])
      .select(
        words.length === 0
          ? sql<string>`''`.as('readme')
          : sql<string>`substr(coalesce(readme, ''), 1, ${readmeCharactersMax})`.as('readme'),
      )
      .where(
        'search_modules.module_id',
        'in',
        entries.map(({ id }) => id),
      )
      .execute()
    const byId = new Map(rows.map((row) => [row.module_id, row]))
    return entries.flatMap(({ id }) => {
      const row = byId.get(id)
      // It may have been taken away since it was found.
      return row && row.item !== '' ? [shown(JSON.parse(row.item) as IndexedItem, row.readme, words)] : []
    })
  }
}

function shown({ facets: _, ...item }: IndexedItem, readme: string, words: readonly string[]): SearchItem {
  const { name, description, keywords, components } = item
  const found = [
    { field: 'name', parts: highlight(name, words) },
    { field: 'keywords', parts: highlight([...keywords, ...components].join(' '), words) },
    { field: 'description', parts: highlight(description, words) },
    { field: 'readme', parts: highlightExcerpt(readme, words) },
  ] as const
  return {
    ...item,
    highlights: found.flatMap(({ field, parts }) => (words.length > 0 && parts ? [{ field, parts }] : [])),
  }
}
