import { emptyTreeHash, hashNodes } from './tree-hash.ts'
import { consistencyRanges, inclusionRanges, nodesOf, wantCount, type LeafRange, type TreeNode } from './tree-ranges.ts'

/** The hashes of complete subtrees, in the order of `nodes`. One proof asks once. */
export type NodeReader = (nodes: readonly TreeNode[]) => Promise<readonly Uint8Array[]>

/** The root of a log's first `size` leaves. */
export async function treeRoot(size: number, read: NodeReader): Promise<Uint8Array> {
  wantCount('tree size', size)
  if (size === 0) return emptyTreeHash
  const [root] = await rangeHashes([{ start: 0, end: size }], read)
  return root!
}

/** Proves that a leaf is in the log of the first `size`. */
export async function proveInclusion(index: number, size: number, read: NodeReader): Promise<Uint8Array[]> {
  return rangeHashes(inclusionRanges(index, size), read)
}

/** Proves that the log of `from` leaves is the beginning of that of `to`. */
export async function proveConsistency(from: number, to: number, read: NodeReader): Promise<Uint8Array[]> {
  return rangeHashes(consistencyRanges(from, to), read)
}

async function rangeHashes(ranges: readonly LeafRange[], read: NodeReader): Promise<Uint8Array[]> {
  const parts = ranges.map(nodesOf)
  const nodes = parts.flat()
  const hashes = nodes.length === 0 ? [] : [...(await read(nodes))]
  if (hashes.length !== nodes.length)
    throw new Error(`Cannot make a proof: found ${hashes.length} hashes of the log, want ${nodes.length}`)
  return parts.map(({ length }) => hashes.splice(0, length).reduceRight((right, left) => hashNodes(left, right)))
}
