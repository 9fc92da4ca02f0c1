import type { Labels } from '../labels.ts'
import { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import type { SeriesTable } from './batch.ts'
import { decodeLabels } from './labels-codec.ts'
import { nextTableId } from './series-arena.ts'

/** The series of one frame: a view of its bytes, which were checked once. */
export class FrameSeries implements SeriesTable {
  readonly id: number = nextTableId()
  readonly size: number
  readonly #bytes: Uint8Array
  readonly #starts: Uint32Array

  /** @throws Error when the bytes are not labels of the given lengths. */
  constructor(bytes: Uint8Array, lengths: Uint32Array) {
    this.#bytes = bytes
    this.size = lengths.length
    this.#starts = new Uint32Array(lengths.length + 1)
    let at = 0
    for (let i = 0; i < lengths.length; i++) {
      const end = at + lengths[i]!
      if (end > bytes.length) throw new Error('Cannot read a frame of metrics: its labels end too early')
      checkLabels(bytes, at, end)
      at = end
      this.#starts[i + 1] = at
    }
    if (at !== bytes.length) throw new Error('Cannot read a frame of metrics: it has more labels than series')
  }

  labels(series: number): Labels {
    return decodeLabels(this.encodedLabels(series))
  }

  encodedLabels(series: number): Uint8Array {
    if (series >= this.size) throw new RangeError(`Cannot find series ${series}: the table has ${this.size}`)
    return this.#bytes.subarray(this.#starts[series]!, this.#starts[series + 1]!)
  }

  encodedLength(series: number): number {
    return this.#starts[series + 1]! - this.#starts[series]!
  }

  copyEncoded(series: number, into: Uint8Array, at: number): number {
    const start = this.#starts[series]!
    const end = this.#starts[series + 1]!
    for (let i = start; i < end; i++) into[at++] = this.#bytes[i]!
    return at
  }
}

/** Labels in their one canonical form: only `Label{name, value}` messages, names not empty, sorted and unique. No text is made. */
function checkLabels(bytes: Uint8Array, start: number, end: number): void {
  const reader = new ProtobufReader(bytes, start, end)
  let previousStart = 0
  let previousEnd = 0
  while (reader.next()) {
    if (reader.field !== 1)
      throw new Error(`Cannot read a frame of metrics: found field ${reader.field} among labels, want 1`)
    reader.span()
    const { start: from, stop } = reader
    const nameStart = from + 2
    const nameEnd = nameStart + bytes[from + 1]!
    const valueAt = nameEnd
    // Names of 128 bytes and more, and labels in another order of fields, take the slow way.
    if (bytes[from] !== 0x0a || bytes[from + 1]! > 0x7f || valueAt >= stop || bytes[valueAt] !== 0x12)
      return void decodeLabels(bytes.subarray(start, end))
    const value = new ProtobufReader(bytes, valueAt, stop)
    value.next()
    value.span()
    if (value.at !== stop || nameEnd === nameStart)
      throw new Error('Cannot read a frame of metrics: a label is malformed')
    if (previousEnd > 0 && !isLess(bytes, previousStart, previousEnd, nameStart, nameEnd))
      return void decodeLabels(bytes.subarray(start, end))
    previousStart = nameStart
    previousEnd = nameEnd
  }
}

function isLess(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = a, j = b; i < aEnd && j < bEnd; i++, j++) {
    if (bytes[i] !== bytes[j]) return bytes[i]! < bytes[j]!
  }
  return aEnd - a < bEnd - b
}
