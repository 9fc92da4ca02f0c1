import { decodeUtf8 } from '../utf8/utf8.ts'

/** Bytes that are not the protobuf message they should be. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/**
 * Reads protobuf fields in order, over a part of a buffer and never beyond it.
 *
 * @example
 * ```ts
 * const reader = new ProtobufReader(bytes)
 * while (reader.next()) {
 *   if (reader.field === 1) names.push(reader.string())
 *   else reader.skip()
 * }
 * ```
 */
export class ProtobufReader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  /** Number of the field that `next` stopped at, and its wire type. */
  field = 0
  wire = 0
  /** Start and end of the last length-delimited field that was read. */
  start = 0
  stop = 0

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** Moves to the next field; false at the end. Its value must be read or skipped before the next call. */
  next(): boolean {
    if (this.at >= this.end) return false
    const tag = this.varint()
    this.field = Math.floor(tag / 8)
    this.wire = tag & 7
    if (this.field < 1 || this.field > 0x1fff_ffff)
      throw new ProtobufError(`Cannot read field ${this.field}: want a number from 1 to 2^29-1`)
    return true
  }

  /** An unsigned varint. Beyond 2^53 the result is rounded. */
  varint(): number {
    const { bytes, end } = this
    let at = this.at
    if (at >= end) throw cut()
    let byte = bytes[at++]!
    if (byte < 0x80) {
      this.at = at
      return byte
    }
    let low = byte & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      if (at >= end) throw cut()
      byte = bytes[at++]!
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.at = at
        return low
      }
    }
    let high = 0
    for (let scale = 1, i = 0; i < 6; i++, scale *= 128) {
      if (at >= end) throw cut()
      byte = bytes[at++]!
      high += (i === 5 ? byte & 1 : byte & 0x7f) * scale
      if (byte < 0x80) {
        this.at = at
        return high * 0x1000_0000 + low
      }
    }
    throw new ProtobufError('Cannot read a number: want at most ten bytes')
  }

  /** A signed 64-bit integer (`int64`, `int32`, enums). Beyond ±2^53 the result is rounded. */
  int64(): number {
    const start = this.at
    const unsigned = this.varint()
    if (this.at - start < 10) return unsigned
    // Ten bytes: bit 63 is set. Read both halves on their own, for the sum above has lost its low bits.
    let low = 0
    let high = 0
    for (let i = 0; i < 5; i++) low += (this.bytes[start + i]! & 0x7f) * 128 ** i
    for (let i = 5; i < 10; i++) high += (this.bytes[start + i]! & (i === 9 ? 1 : 0x7f)) * 128 ** (i - 5)
    return (high - 2 ** 29) * 2 ** 35 + low
  }

  bool(): boolean {
    return this.varint() !== 0
  }

  double(): number {
    const at = this.#take(8)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0, true)
  }

  /** The two words of eight bytes as they are: `[low, high]`. */
  fixed64(): [number, number] {
    const at = this.#take(8)
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8)
    return [view.getUint32(0, true), view.getUint32(4, true)]
  }

  fixed32(): number {
    const at = this.#take(4)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 4).getUint32(0, true)
  }

  /** Moves over a length-delimited field and leaves its bounds in `start` and `stop`. */
  span(): void {
    if (this.wire !== 2)
      throw new ProtobufError(`Cannot read field ${this.field}: found wire type ${this.wire}, want 2`)
    const length = this.varint()
    this.start = this.#take(length)
    this.stop = this.at
  }

  /** A length-delimited field as a view of the buffer. */
  view(): Uint8Array {
    this.span()
    return this.bytes.subarray(this.start, this.stop)
  }

  string(): string {
    this.span()
    return decodeUtf8(this.bytes, this.start, this.stop)
  }

  /** A reader of an embedded message. */
  message(): ProtobufReader {
    this.span()
    return new ProtobufReader(this.bytes, this.start, this.stop)
  }

  skip(): void {
    if (this.wire === 0) this.varint()
    else if (this.wire === 1) this.#take(8)
    else if (this.wire === 2) this.span()
    else if (this.wire === 5) this.#take(4)
    else throw new ProtobufError(`Cannot skip field ${this.field}: found wire type ${this.wire}, want 0, 1, 2 or 5`)
  }

  #take(length: number): number {
    const { at } = this
    if (length > this.end - at) throw cut()
    this.at = at + length
    return at
  }
}

function cut(): ProtobufError {
  return new ProtobufError('Cannot read a field: the message ends inside it')
}
