import type { Labels } from '../labels.ts'
import type { SeriesTable } from './batch.ts'
import { arenaChunkBits, arenaChunkMask, ByteArena } from './byte-arena.ts'
import { decodeLabels, encodeLabels } from './labels-codec.ts'

let tables = 0

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
    const chunk = this.#arena.chunks[position >>> arenaChunkBits]!
    const start = position & arenaChunkMask
    // Labels are a few hundred bytes: a loop beats the call of `set` and its view.
    for (let i = 0; i < length; i++) into[at + i] = chunk[start + i]!
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
