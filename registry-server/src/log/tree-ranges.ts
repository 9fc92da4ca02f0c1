/** Leaves `start … end - 1` of a log. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The root of the complete subtree of the 2^level leaves from idx * 2^level on. */
export interface Node {
  readonly level: number
  readonly idx: number
}

/** What an inclusion proof of a leaf in the log's first `size` leaves holds, in its order (RFC 6962 §2.1.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  return path(index, { start: 0, end: size })
}

function path(index: number, { start, end }: Range): Range[] {
  if (end - start <= 1) return []
  const middle = start + split(end - start)
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ]
  return index < middle ? [...path(index, left), right] : [...path(index, right), left]
}

/** What a proof holds that the log of `from` leaves is the beginning of that of `to` (RFC 6962 §2.1.2). */
export function consistencyRanges(from: number, to: number): Range[] {
  return from === 0 ? [] : extension(from, { start: 0, end: to }, true)
}

/** `known`: whether the verifier has the hash of exactly this range already. */
function extension(from: number, range: Range, known: boolean): Range[] {
  const { start, end } = range
  if (from === end) return known ? [] : [range]
  const middle = start + split(end - start)
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ]
  if (from <= middle) return [...extension(from, left, known), right]
  return [...extension(from, right, false), left]
}

/** The complete subtrees that a range is made of, from left to right. */
export function nodesOf({ start, end }: Range): Node[] {
  const nodes: Node[] = []
  for (let at = start; at < end;) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++
    nodes.push({ level, idx: at / 2 ** level })
    at += 2 ** level
  }
  return nodes
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}
