import { emptyTreeHash, hashBytes, hashNodes } from './tree-hash.ts'
import { consistencyRanges, inclusionRanges, splitOf } from './tree-ranges.ts'

/** A log at one moment: its leaves up to then, and the root over them. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** @throws unless `proof` shows that the leaf of this hash stands at `index` in the log of `head`. */
export function verifyInclusion(
  leafHash: Uint8Array,
  index: number,
  head: TreeHead,
  proof: readonly Uint8Array[],
): void {
  const action = `Cannot verify that leaf ${index} is in the log of ${head.size}`
  wantHashes(action, proof, inclusionRanges(index, head.size).length)
  const left = [...proof]
  const root = (at: number, size: number): Uint8Array => {
    if (size === 1) return leafHash
    const sibling = left.pop()!
    const split = splitOf(size)
    return at < split ? hashNodes(root(at, split), sibling) : hashNodes(sibling, root(at - split, size - split))
  }
  wantRoot(action, root(index, head.size), head.root)
}

/** @throws unless `proof` shows that the log of `from` is the beginning of that of `to`. */
export function verifyConsistency(from: TreeHead, to: TreeHead, proof: readonly Uint8Array[]): void {
  const action = `Cannot verify that the log of ${from.size} begins that of ${to.size}`
  wantHashes(action, proof, consistencyRanges(from.size, to.size).length)
  if (from.size === 0) return wantRoot(action, emptyTreeHash, from.root)
  const left = [...proof]
  /** Roots of the older and the newer log, both over the same part. */
  const roots = (older: number, newer: number, known: boolean): readonly [Uint8Array, Uint8Array] => {
    if (older === newer) {
      const root = known ? from.root : left.pop()!
      return [root, root]
    }
    const sibling = left.pop()!
    const split = splitOf(newer)
    if (older <= split) {
      const [before, after] = roots(older, split, known)
      return [before, hashNodes(after, sibling)]
    }
    const [before, after] = roots(older - split, newer - split, false)
    return [hashNodes(sibling, before), hashNodes(sibling, after)]
  }
  const [before, after] = roots(from.size, to.size, true)
  wantRoot(action, before, from.root)
  wantRoot(action, after, to.root)
}

function wantHashes(action: string, proof: readonly Uint8Array[], count: number): void {
  if (proof.length !== count) throw new Error(`${action}: found a proof of ${proof.length} hashes, want ${count}`)
  const other = proof.find(({ length }) => length !== hashBytes)
  if (other) throw new Error(`${action}: found a hash of ${other.length} bytes in the proof, want ${hashBytes}`)
}

function wantRoot(action: string, found: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(found, wanted) === 0) return
  const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')
  throw new Error(`${action}: the proof leads to the root ${hex(found)}, want ${hex(wanted)}`)
}
