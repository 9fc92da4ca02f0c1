/** Leaves `start … end - 1` of a log. */
export interface LeafRange {
  readonly start: number
  readonly end: number
}

/** The root of the complete subtree over the 2^level leaves from index * 2^level on. */
export interface TreeNode {
  readonly level: number
  readonly index: number
}

/** The subtrees whose roots prove a leaf of the log's first `size`, the nearest first (RFC 6962 §2.1.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  wantCount('tree size', size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new Error(`Cannot prove the leaf ${index}: the log has ${size} leaves`)
  return siblings(index, { start: 0, end: size })
}

function siblings(index: number, { start, end }: LeafRange): LeafRange[] {
  if (end - start === 1) return []
  const middle = start + splitOf(end - start)
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ]
  return index < middle ? [...siblings(index, left), right] : [...siblings(index, right), left]
}

/** The subtrees whose roots prove that the log of `from` leaves is the beginning of that of `to` (RFC 6962 §2.1.2). */
export function consistencyRanges(from: number, to: number): LeafRange[] {
  wantCount('tree size', from)
  wantCount('tree size', to)
  if (from > to) throw new Error(`Cannot prove that a log of ${from} leaves begins one of ${to}`)
  return from === 0 ? [] : additions(from, { start: 0, end: to }, true)
}

/** `known`: whether whoever verifies has the root of just this range already. */
function additions(from: number, range: LeafRange, known: boolean): LeafRange[] {
  const { start, end } = range
  if (from === end) return known ? [] : [range]
  const middle = start + splitOf(end - start)
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ]
  return from <= middle ? [...additions(from, left, known), right] : [...additions(from, right, false), left]
}

/** The complete subtrees that a range of {@link inclusionRanges} or {@link consistencyRanges} is made of, from left to right. */
export function nodesOf({ start, end }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = []
  for (let at = start; at < end;) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++
    nodes.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return nodes
}

/** The leaves left of a tree's root: the largest power of two below `size`, which is more than one. */
export function splitOf(size: number): number {
  let left = 1
  while (left * 2 < size) left *= 2
  return left
}

/** Beyond 2^53 - 1 numbers are not exact; this also bounds every recursion over a tree to 53 levels. */
export function wantCount(what: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new Error(`Cannot use the ${what} ${count}: want a whole number up to ${Number.MAX_SAFE_INTEGER}`)
}
