import type { Labels } from '../labels.ts'
import type { SeriesTable } from './batch.ts'
import { arenaChunkBits, arenaChunkMask, ByteArena } from './byte-arena.ts'
import { decodeLabels, encodeLabels } from './labels-codec.ts'

let tables = 0
/** The view of the buffer that was last copied to: it is the same one many times in a row. */
let lastBuffer: ArrayBufferLike = new ArrayBuffer(0)
let lastView: DataView = new DataView(lastBuffer)

/** A number for a series table that no other of this process has. */
export function nextTableId(): number {
  return ++tables
}

/**
 * A growing series table. It keeps only the encoded labels, outside of the JavaScript heap, and decodes `labels()` on
 * demand: a series costs its bytes and eight more.
 */
export class SeriesArena implements SeriesTable {
  readonly id: number = nextTableId()
  readonly #arena = new ByteArena()
  #positions = new Uint32Array(256)
  #lengths = new Uint32Array(256)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a series and returns its id. @throws RangeError when the labels are longer than 1 MiB. */
  add(labels: Labels): number {
    return this.addEncoded(encodeLabels(labels))
  }

  addEncoded(bytes: Uint8Array): number {
    const id = this.#size
    if (id === this.#positions.length) {
      this.#positions = grown(this.#positions)
      this.#lengths = grown(this.#lengths)
    }
    this.#positions[id] = this.#arena.add(bytes)
    this.#lengths[id] = bytes.length
    this.#size++
    return id
  }

  labels(series: number): Labels {
    return decodeLabels(this.encodedLabels(series))
  }

  encodedLabels(series: number): Uint8Array {
    if (series >= this.#size) throw new RangeError(`Cannot find series ${series}: the table has ${this.#size}`)
    return this.#arena.view(this.#positions[series]!, this.#lengths[series]!)
  }

  encodedLength(series: number): number {
    return this.#lengths[series]!
  }

  copyEncoded(series: number, into: Uint8Array, at: number): number {
    const position = this.#positions[series]!
    const length = this.#lengths[series]!
    const words = this.#arena.words[position >>> arenaChunkBits]!
    if (into.buffer !== lastBuffer) {
      lastBuffer = into.buffer
      lastView = new DataView(into.buffer)
    }
    const view = lastView
    // Labels are a few hundred bytes: words in a loop beat the call of `set` and its view.
    let word = (position & arenaChunkMask) >>> 2
    let to = into.byteOffset + at
    const end = to + length
    for (const last = end - 16; to <= last; to += 16, word += 4) {
      view.setInt32(to, words[word]!, true)
      view.setInt32(to + 4, words[word + 1]!, true)
      view.setInt32(to + 8, words[word + 2]!, true)
      view.setInt32(to + 12, words[word + 3]!, true)
    }
    for (; to <= end - 4; to += 4) view.setInt32(to, words[word++]!, true)
    for (let rest = to < end ? words[word]! : 0; to < end; rest >>>= 8) view.setUint8(to++, rest & 0xff)
    return at + length
  }

  /** Bytes of memory that the table holds. */
  get bytes(): number {
    return this.#arena.bytes + this.#positions.byteLength * 2
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(array.length * 2)
  next.set(array)
  return next
}
