import { decodeEntries } from './entry-bundle.ts'
import { proveInclusion, type NodeReader } from './prove.ts'
import { subtreeRoot } from './tile-reader.ts'
import { tileHashes, tileHeight, tileWidth, type Tile } from './tile.ts'
import { hashLeaf } from './tree-hash.ts'
import { nodesOf } from './tree-ranges.ts'
import { verifyInclusion, type TreeHead } from './verify-proof.ts'

/**
 * That the hashes of a tile are those of the log of `head`: for whoever passes tiles on to others. `read` may give whatever it
 * finds: a proof made of something else does not lead to the root.
 * @throws when they are not.
 */
export async function verifyTile(tile: Tile, bytes: Uint8Array, head: TreeHead, read: NodeReader): Promise<void> {
  if (tile.level === 'entries') throw new Error('Cannot verify log entries as hashes: want their tile of level 0')
  const hashes = tileHashes(tile, bytes)
  const first = tile.index * tileWidth
  for (const { level, index } of nodesOf({ start: first, end: first + tile.width })) {
    const start = index * 2 ** level - first
    const root = subtreeRoot(hashes.slice(start, start + 2 ** level))
    await verifyNode({ level: level + tile.level * tileHeight, index, root }, head, read)
  }
}

/** That entries are the leaves whose hashes a tile of level 0 has. @throws when they are not. */
export function verifyEntries(tile: Tile, bytes: Uint8Array, hashes: Uint8Array): void {
  const found = Buffer.concat(decodeEntries(tile, bytes).map(hashLeaf))
  if (!found.equals(hashes)) throw new Error('Cannot verify the log entries: they are not the leaves of the log')
}

/** A complete subtree is to the tree above it what a leaf is: the proof of its first leaf goes on from there. */
async function verifyNode(
  { level, index, root }: { readonly level: number; readonly index: number; readonly root: Uint8Array },
  head: TreeHead,
  read: NodeReader,
): Promise<void> {
  const leaves = 2 ** level
  const proof = await proveInclusion(index * leaves, head.size, read)
  verifyInclusion(root, index, { size: Math.ceil(head.size / leaves), root: head.root }, proof.slice(level))
}
