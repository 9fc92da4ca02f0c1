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
    const found = new Map<SearchFacet, FacetCounts>(searchFacets.map((facet) => [facet, []]))
    for (const [number, count] of this.#counts.entries()) {
      const { facet, value } = this.#catalogue.valueOf(number)
      const selected = this.#choices[facet].includes(value)
      if (count > 0 || selected) found.get(facet)!.push({ value, count, selected })
    }
    return Object.fromEntries(searchFacets.map((facet) => [facet, this.#listed(facet, found.get(facet)!)])) as Record<
      SearchFacet,
      FacetCounts
    >
  }

  #listed(facet: SearchFacet, counts: FacetCounts): FacetCounts {
    const known = new Set(counts.map(({ value }) => value))
    const unknown = this.#choices[facet].filter((value) => !known.has(value))
    const sorted = counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    return [
      ...sorted.filter(({ selected }, place) => selected || place < valuesMax),
      ...[...new Set(unknown)].map((value) => ({ value, count: 0, selected: true })),
    ]
  }
}
