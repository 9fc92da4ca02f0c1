import { searchFacets, type FacetCounts, type SearchFacet } from '@ingot/manifest'
import type { CatalogueEntry, SearchCatalogue } from './search-catalogue.ts'

/** Values of one facet that are listed. */
const valuesMax = 20

export type FacetChoices = Readonly<Record<SearchFacet, readonly string[]>>

/** Chooses modules by facets, and counts what else could be chosen. */
export class FacetCounter {
  readonly #catalogue: SearchCatalogue
  readonly #choices: FacetChoices
  /** For each facet in which something was chosen, the numbers of what was. */
  readonly #wanted: readonly (readonly [SearchFacet, ReadonlySet<number>])[]
  readonly #counts: Uint32Array

  constructor(catalogue: SearchCatalogue, choices: FacetChoices) {
    this.#catalogue = catalogue
    this.#choices = choices
    this.#wanted = searchFacets
      .filter((facet) => choices[facet].length > 0)
      .map((facet) => [facet, new Set(choices[facet].flatMap((value) => catalogue.numberOf(facet, value) ?? []))])
    this.#counts = new Uint32Array(catalogue.valueCount)
  }

  /**
   * Whether the module has, in each facet, one of the values chosen there. It counts for a facet when it is chosen by
   * all others: so a count says what one would see.
   */
  take({ values }: CatalogueEntry): boolean {
    let failed: SearchFacet | undefined
    for (const [facet, wanted] of this.#wanted) {
      if (values.some((value) => wanted.has(value))) continue
      if (failed !== undefined) return false
      failed = facet
    }
    for (const value of values) {
      if (failed === undefined || this.#catalogue.valueOf(value).facet === failed) this.#counts[value]!++
    }
    return failed === undefined
  }

  counts(): Record<SearchFacet, FacetCounts> {
    const listed = new Map<SearchFacet, FacetCounts>(searchFacets.map((facet) => [facet, []]))
    for (let number = 0; number < this.#counts.length; number++) {
      const count = this.#counts[number]!
      if (count === 0) continue
      const { facet, value } = this.#catalogue.valueOf(number)
      list(listed.get(facet)!, { value, count, selected: this.#choices[facet].includes(value) })
    }
    return Object.fromEntries(
      searchFacets.map((facet) => [facet, this.#withChosen(facet, listed.get(facet)!)]),
    ) as Record<SearchFacet, FacetCounts>
  }

  /** Also what was chosen and no module has, or few have: one must be able to choose otherwise. */
  #withChosen(facet: SearchFacet, counts: FacetCounts): FacetCounts {
    const missing = [...new Set(this.#choices[facet])].filter((value) => !counts.some((count) => count.value === value))
    const chosen = missing.map((value) => {
      const number = this.#catalogue.numberOf(facet, value)
      return { value, count: number === undefined ? 0 : this.#counts[number]!, selected: true }
    })
    return [...counts, ...chosen]
  }
}

/** Keeps the values that most modules have, in order: of components there are as many as modules. */
function list(counts: FacetCounts, found: FacetCounts[number]): void {
  let place = counts.length
  while (place > 0 && isBefore(found, counts[place - 1]!)) place--
  if (place >= valuesMax) return
  counts.splice(place, 0, found)
  counts.length = Math.min(counts.length, valuesMax)
}

function isBefore(a: FacetCounts[number], b: FacetCounts[number]): boolean {
  return a.count > b.count || (a.count === b.count && a.value < b.value)
}
