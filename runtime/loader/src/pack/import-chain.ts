/** Longer chains are shown from here on; a cycle ends as well. */
const chainMax = 20

/** The files that lead to an import, from the entry to the importer. */
export function importChain(
  importer: string | undefined,
  importerOf: (file: string) => string | undefined,
): readonly string[] {
  const chain: string[] = []
  for (let file = importer; file !== undefined && chain.length < chainMax; file = importerOf(file)) {
    if (chain.includes(file)) break
    chain.unshift(file)
  }
  return chain
}
