import type { SearchCatalogue } from './search-catalogue.ts'
import { searchFields, type SearchField, type WordFinds } from './word-index.ts'

/** A word counts by the best field that has it: what only a README says comes after everything else. */
const weights: Readonly<Record<SearchField, number>> = { name: 50, keywords: 20, description: 8, readme: 1 }

/** Modules whose name is, or begins with, what was asked for stand before all others. */
const nameBonus = { equal: 10_000, last: 5_000, beginning: 1_000 } as const

/** By a module's place in the catalogue: 0 where some word was not found, else the higher the better. */
export function scoreMatches(
  catalogue: SearchCatalogue,
  words: readonly string[],
  finds: readonly WordFinds[],
): Uint32Array {
  const { length } = catalogue.entries
  const scores = new Uint32Array(length).fill(words.length === 0 ? 1 : 0)
  const named = new Set<number>()
  for (const word of words.keys()) {
    const best = new Uint8Array(length)
    // From the weakest field to the strongest.
    for (const field of searchFields.toReversed()) {
      for (const { modules } of finds.filter((find) => find.word === word && find.field === field)) {
        for (const module of modules) {
          const place = catalogue.placeOf(module)
          if (place === undefined) continue
          best[place] = weights[field]
          if (field === 'name') named.add(place)
        }
      }
    }
    for (let place = 0; place < length; place++) {
      const found = best[place]! > 0 && (word === 0 || scores[place]! > 0)
      scores[place] = found ? scores[place]! + best[place]! : 0
    }
  }
  for (const place of named) {
    if (scores[place]! > 0) scores[place]! += bonusOf(catalogue.entries[place]?.name ?? '', words)
  }
  return scores
}

function bonusOf(name: string, words: readonly string[]): number {
  const [scope, last] = name.slice(1).split('/') as [string, string]
  const asked = words.join('-')
  if (asked === `${scope}-${last}`) return nameBonus.equal
  if (asked === last) return nameBonus.last
  return last.startsWith(asked) ? nameBonus.beginning : 0
}
