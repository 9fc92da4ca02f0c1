import { arenaChunkBits, arenaChunkMask, ByteArena } from './byte-arena.ts'

/**
 * Lines of a target as they were written, numbered in order of first appearance, found again by their bytes. It is
 * asked first whether the bytes are those of one certain number (what came next last time), and only then looked up.
 */
export class SeriesKeys {
  readonly #arena = new ByteArena()
  #positions = new Uint32Array(256)
  #lengths = new Uint32Array(256)
  /** The last four bytes of each key: neighbours differ at their ends rather than at their beginnings. */
  #tails = new Int32Array(256)
  #hashes = new Int32Array(256)
  /** Open addressing; a slot holds the number plus one. */
  #slots = new Int32Array(1024)
  size = 0

  length(key: number): number {
    return this.#lengths[key]!
  }

  /** Whether the bytes at `at` begin with key number `key`. `view` is a view of the same bytes up to `stop`. */
  matches(key: number, view: DataView, at: number, stop: number): boolean {
    const length = this.#lengths[key]!
    const end = at + length
    if (end > stop || length < 4) return end <= stop && this.#matchesShort(key, view, at)
    if (view.getInt32(end - 4, true) !== this.#tails[key]) return false
    const position = this.#positions[key]!
    const words = this.#arena.words[position >>> arenaChunkBits]!
    let word = (position & arenaChunkMask) >>> 2
    let i = at
    const last = end - 16
    for (; i <= last; i += 16, word += 4) {
      const difference =
        (view.getInt32(i, true) ^ words[word]!) |
        (view.getInt32(i + 4, true) ^ words[word + 1]!) |
        (view.getInt32(i + 8, true) ^ words[word + 2]!) |
        (view.getInt32(i + 12, true) ^ words[word + 3]!)
      if (difference !== 0) return false
    }
    for (; i <= end - 4; i += 4) if (view.getInt32(i, true) !== words[word++]) return false
    return true
  }

  #matchesShort(key: number, view: DataView, at: number): boolean {
    const bytes = this.#arena.view(this.#positions[key]!, this.#lengths[key]!)
    for (let i = 0; i < bytes.length; i++) if (view.getUint8(at + i) !== bytes[i]) return false
    return true
  }

  /** The number of the key in `bytes[start…end)`, or -1. `view` is a view of `bytes`. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const key = this.#slots[slot]! - 1
      if (key < 0) return -1
      if (this.#hashes[key] === hash && this.#lengths[key] === end - start && this.matches(key, view, start, end))
        return key
    }
  }

  /** Adds a key that {@link SeriesKeys.find} did not find. @throws RangeError beyond 1 MiB. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const key = this.size
    if (key === this.#positions.length) this.#grow()
    this.#positions[key] = this.#arena.add(bytes, start, end)
    this.#lengths[key] = end - start
    this.#tails[key] = tailOf(bytes, end)
    this.#hashes[key] = hashOf(bytes, start, end)
    this.size++
    if (this.size * 2 > this.#slots.length) this.#rehash()
    else this.#place(key)
    return key
  }

  /** The bytes of a key, as a view. */
  bytes(key: number): Uint8Array {
    return this.#arena.view(this.#positions[key]!, this.#lengths[key]!)
  }

  #place(key: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#hashes[key]! & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = key + 1
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4)
    for (let key = 0; key < this.size; key++) this.#place(key)
  }

  #grow(): void {
    const more = <A extends Uint32Array | Int32Array>(from: A, to: A): A => {
      to.set(from)
      return to
    }
    const capacity = this.size * 2
    this.#positions = more(this.#positions, new Uint32Array(capacity))
    this.#lengths = more(this.#lengths, new Uint32Array(capacity))
    this.#tails = more(this.#tails, new Int32Array(capacity))
    this.#hashes = more(this.#hashes, new Int32Array(capacity))
  }
}

function tailOf(bytes: Uint8Array, end: number): number {
  return (
    (bytes[end - 4] ?? 0) | ((bytes[end - 3] ?? 0) << 8) | ((bytes[end - 2] ?? 0) << 16) | ((bytes[end - 1] ?? 0) << 24)
  )
}

/** FNV-1a, with a last mix because tables use its low bits. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}
