import type { SearchParameters } from '@ingot/manifest'
import { z } from 'zod'
import type { CatalogueEntry } from './search-catalogue.ts'

export type SearchSort = SearchParameters['sort']

/** A module's place in an answer. All orders are total, so a page goes on exactly where the one before has ended. */
export interface Ranked {
  readonly score: number
  readonly publishedAt: string
  readonly name: string
}

const orders: Readonly<Record<SearchSort, (a: Ranked, b: Ranked) => number>> = {
  relevance: (a, b) => b.score - a.score || orders.updated(a, b),
  updated: (a, b) => compare(b.publishedAt, a.publishedAt) || orders.name(a, b),
  name: (a, b) => compare(a.name, b.name),
}

/** By code units: the same everywhere, whatever the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Keeps the first so many of all that it is shown, after a place where an earlier page has ended. */
export class FirstOf {
  readonly #sort: SearchSort
  readonly #order: (a: Ranked, b: Ranked) => number
  readonly #after: Ranked | undefined
  readonly #limit: number
  readonly #kept: (Ranked & { readonly entry: CatalogueEntry })[] = []
  #more = false

  constructor(options: { readonly sort: SearchSort; readonly after: Ranked | undefined; readonly limit: number }) {
    this.#sort = options.sort
    this.#order = orders[options.sort]
    this.#after = options.after
    this.#limit = options.limit
  }

  add(entry: CatalogueEntry, score: number): void {
    const last = this.#kept.at(-1)
    const full = this.#kept.length >= this.#limit
    // Most of them come too late, and are not looked at any further.
    if (full && this.#more && this.#sort === 'relevance' && score < last!.score) return
    const ranked = { score, publishedAt: entry.publishedAt, name: entry.name, entry }
    if (this.#after && this.#order(ranked, this.#after) <= 0) return
    this.#more ||= full
    if (full && this.#order(ranked, last!) > 0) return
    if (full) this.#kept.pop()
    let place = this.#kept.length
    while (place > 0 && this.#order(ranked, this.#kept[place - 1]!) < 0) place--
    this.#kept.splice(place, 0, ranked)
  }

  entries(): CatalogueEntry[] {
    return this.#kept.map(({ entry }) => entry)
  }

  /** Where the next page begins, if there is one. */
  next(): string | null {
    const last = this.#kept.at(-1)
    return this.#more && last ? cursorOf(this.#sort, last) : null
  }
}

const cursorContent = z.tuple([z.string(), z.number(), z.string(), z.string()])

function cursorOf(sort: SearchSort, { score, publishedAt, name }: Ranked): string {
  return Buffer.from(JSON.stringify([sort, score, publishedAt, name])).toString('base64url')
}

/** The place that a cursor stands for; `undefined` when it is none of this order. */
export function parseCursor(sort: SearchSort, cursor: string): Ranked | undefined {
  try {
    const [of, score, publishedAt, name] = cursorContent.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return of === sort ? { score, publishedAt, name } : undefined
  } catch {
    return undefined
  }
}
