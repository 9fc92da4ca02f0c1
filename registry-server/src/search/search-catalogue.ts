import { searchFacets, type SearchFacet } from '@ingot/manifest'
import type { Database } from '../storage/database/database.ts'
import type { IndexedItem } from './module-facets.ts'

/** One module takes about a kilobyte of memory here. */
const modulesMax = 1_000_000
/** Rows read at once: parsing them holds up nobody for long. */
const pageRows = 500

export interface FacetValue {
  readonly facet: SearchFacet
  readonly value: string
}

/** What is kept of a module to choose, count and sort by; texts stay in the database. */
export interface CatalogueEntry {
  readonly id: number
  readonly name: string
  readonly publishedAt: string
  /** Numbers of its facet values; see {@link SearchCatalogue.valueOf}. */
  readonly values: readonly number[]
}

/**
 * Every module that can be found, in memory: facets are counted over all modules that match, which no database does in
 * the time that a page has. It follows the database, whichever server has written to it.
 */
export class SearchCatalogue {
  readonly #database: Database
  readonly #places = new Map<number, number>()
  /** By place; a module that is no longer to be found leaves its place empty. */
  readonly #entries: (CatalogueEntry | undefined)[] = []
  readonly #numbers = new Map<string, number>()
  readonly #values: FacetValue[] = []
  #seq = 0
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  get entries(): readonly (CatalogueEntry | undefined)[] {
    return this.#entries
  }

  /** How many different facet values there are. */
  get valueCount(): number {
    return this.#values.length
  }

  placeOf(module: number): number | undefined {
    return this.#places.get(module)
  }

  valueOf(number: number): FacetValue {
    return this.#values[number]!
  }

  /** The number of a facet value, if any module has it. */
  numberOf(facet: SearchFacet, value: string): number | undefined {
    return this.#numbers.get(`${facet} ${value}`)
  }

  /** Resolves when everything is here that was committed before the call. Those who wait for it share one reading. */
  follow(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        this.#running = this.#read()
        return this.#running
      })
    return this.#next
  }

  async #read(): Promise<void> {
    for (;;) {
      const rows = await this.#database.read
        .selectFrom('search_modules')
        .select(['module_id', 'seq', 'item'])
        .where('seq', '>', this.#seq)
        .orderBy('seq')
        .limit(pageRows)
        .execute()
      for (const { module_id: module, seq, item } of rows) {
        this.#put(module, item)
        this.#seq = seq
      }
      if (rows.length < pageRows) return
    }
  }

  #put(id: number, item: string): void {
    let place = this.#places.get(id)
    if (place === undefined) {
      place = this.#entries.length
      if (place >= modulesMax) throw new Error(`Cannot search: found more than ${modulesMax} modules`)
      this.#places.set(id, place)
    }
    this.#entries[place] = item === '' ? undefined : this.#entry(id, JSON.parse(item) as IndexedItem)
  }

  #entry(id: number, { name, publishedAt, facets }: IndexedItem): CatalogueEntry {
    const values = searchFacets.flatMap((facet) => facets[facet].map((value) => this.#numbered(facet, value)))
    return { id, name, publishedAt, values }
  }

  #numbered(facet: SearchFacet, value: string): number {
    const key = `${facet} ${value}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#values.push({ facet, value }) - 1
    this.#numbers.set(key, number)
    return number
  }
}
