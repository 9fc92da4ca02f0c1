/** The bits of NaN that mean "this series has ended" (Prometheus `value.StaleNaN`), and of any other NaN, as [low, high] words. */
export const staleNaN = [2, 0x7ff00000] as const
export const normalNaN = [1, 0x7ff80000] as const

/** Writes a NaN by its bits: a number that passes through JavaScript may lose them. `words` is a view of the column. */
export function putNaN(words: Uint32Array, index: number, bits: readonly [number, number]): void {
  words[index * 2] = bits[0]
  words[index * 2 + 1] = bits[1]
}

/** Whether the value at `index` is the staleness marker. */
export function isStale(words: Uint32Array, index: number): boolean {
  return words[index * 2 + 1] === staleNaN[1] && words[index * 2] === staleNaN[0]
}

/** The bits of a column of values: two words a value, low word first. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
}
