import { encodeEntries } from '../log/entry-bundle.ts'
import type { NodeReader } from '../log/prove.ts'
import { placeOf, tileHeight, tileWidth, type Tile } from '../log/tile.ts'
import { hashLeaf, hashNodes } from '../log/tree-hash.ts'

/** A log in memory, its complete subtrees with it. */
export class MemoryLog {
  readonly #leaves: Uint8Array[] = []
  /** Of each level the roots of its complete subtrees, from left to right. */
  readonly #levels: Uint8Array[][] = [[]]

  constructor(leaves: readonly Uint8Array[] = []) {
    for (const leaf of leaves) this.append(leaf)
  }

  get size(): number {
    return this.#leaves.length
  }

  append(leaf: Uint8Array): void {
    this.#leaves.push(leaf)
    this.#levels[0]!.push(hashLeaf(leaf))
    for (let level = 0; this.#levels[level]!.length % 2 === 0; level++) {
      const [left, right] = this.#levels[level]!.slice(-2)
      const above = (this.#levels[level + 1] ??= [])
      above.push(hashNodes(left!, right!))
    }
  }

  readonly read: NodeReader = async (nodes) =>
    nodes.map((node) => {
      placeOf(node, this.size)
      return this.#levels[node.level]![node.index]!
    })

  tile({ level, index, width }: Tile): Uint8Array {
    const start = index * tileWidth
    if (level === 'entries') return encodeEntries(this.#leaves.slice(start, start + width))
    return Buffer.concat((this.#levels[level * tileHeight] ?? []).slice(start, start + width))
  }
}
