import type { NodeReader } from './prove.ts'
import { placeOf, tileHashes, tilePath, type Tile } from './tile.ts'
import { hashNodes } from './tree-hash.ts'

/** The bytes of a tile, wherever they lie. */
export type TileSource = (tile: Tile) => Promise<Uint8Array>

/**
 * The nodes of a log of `size` leaves, from its tiles. Whatever the tiles hold, a proof made of them proves only what is true:
 * it is the verifying of the proof that shows whether they are the log's.
 */
export function tileReader(size: number, source: TileSource): NodeReader {
  return async (nodes) => {
    const places = nodes.map((node) => placeOf(node, size))
    // A proof has at most two nodes for each level of the tree, so there are few tiles.
    const wanted = new Map(places.map(({ tile }) => [tilePath(tile), tile]))
    const tiles = new Map<string, Uint8Array[]>()
    for (const [path, tile] of wanted) tiles.set(path, tileHashes(tile, await source(tile)))
    return places.map(({ tile, start, count }) => subtreeRoot(tiles.get(tilePath(tile))!.slice(start, start + count)))
  }
}

/** The root over a power of two of hashes. */
export function subtreeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!
  const half = hashes.length / 2
  return hashNodes(subtreeRoot(hashes.slice(0, half)), subtreeRoot(hashes.slice(half)))
}
