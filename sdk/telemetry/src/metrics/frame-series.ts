import type { Labels } from '../labels.ts'
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
      if (!areUsualLabels(bytes, at, end)) decodeLabels(bytes.subarray(at, end))
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

/**
 * Whether the bytes are labels in their usual form: `Label{name, value}` messages with lengths of one or two bytes, ASCII
 * names, sorted and unique. No text is made. Anything else must be decoded to be judged.
 */
function areUsualLabels(bytes: Uint8Array, start: number, end: number): boolean {
  let previousStart = 0
  let previousEnd = 0
  let at = start
  while (at < end) {
    if (bytes[at] !== 0x0a) return false
    const first = bytes[at + 1]!
    const long = first >= 0x80
    if (long && bytes[at + 2]! >= 0x80) return false
    const from = at + (long ? 3 : 2)
    const stop = from + (long ? (first & 0x7f) + bytes[at + 2]! * 128 : first)
    const nameStart = from + 2
    const nameEnd = nameStart + bytes[from + 1]!
    if (stop > end || nameEnd >= stop - 1 || nameEnd === nameStart || bytes[from] !== 0x0a || bytes[from + 1]! >= 0x80)
      return false
    if (!isAsciiAfter(bytes, previousStart, previousEnd, nameStart, nameEnd) || bytes[nameEnd] !== 0x12) return false
    const valueFirst = bytes[nameEnd + 1]!
    const valueEnd =
      valueFirst < 0x80 ? nameEnd + 2 + valueFirst : nameEnd + 3 + (valueFirst & 0x7f) + bytes[nameEnd + 2]! * 128
    if (valueEnd !== stop || (valueFirst >= 0x80 && bytes[nameEnd + 2]! >= 0x80)) return false
    previousStart = nameStart
    previousEnd = nameEnd
    at = stop
  }
  return at === end
}

/** Whether the name at `b` is ASCII and sorts after the one at `a`. */
function isAsciiAfter(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  let order = 0
  for (let i = a, j = b; j < bEnd; i++, j++) {
    const byte = bytes[j]!
    if (byte >= 0x80) return false
    if (order === 0) order = i < aEnd ? byte - bytes[i]! : 1
  }
  return order > 0
}
