/** Longer names are not compared: a distance costs the product of the lengths. */
const NAME_LENGTH_MAX = 200

/** The candidate that is most likely meant by a misspelt name; `undefined` when none is close. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return undefined
  const wanted = name.toLowerCase()
  // A third of the letters may be wrong, but never so many that nothing of a short name is left.
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue
    const found = distance(wanted, candidate.toLowerCase())
    if (found >= bestDistance || found >= Math.min(name.length, candidate.length)) continue
    best = candidate
    bestDistance = found
  }
  return best
}

/** The number of letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, current[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.length]!
}
