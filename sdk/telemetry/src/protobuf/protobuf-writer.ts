import { encodeUtf8 } from '../utf8/utf8.ts'

/** Wire types of the protobuf encoding. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Writes protobuf fields into one growing buffer that is reused between messages. It knows nothing of any message:
 * the caller names fields by number and leaves out what is at its default.
 *
 * @example
 * ```ts
 * const writer = new ProtobufWriter()
 * const series = writer.begin(1)
 * writer.string(1, 'up')
 * writer.end(series)
 * send(writer.finish())
 * ```
 */
export class ProtobufWriter {
  bytes: Uint8Array<ArrayBuffer>
  /** Bytes written so far. */
  length = 0
  #view: DataView<ArrayBuffer>

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(Math.max(16, capacity))
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Starts over in the same buffer. */
  reset(): void {
    this.length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }

  /** What was written, as a view: valid until the next write or reset. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }

  /** Makes room for `more` bytes after `length`: for callers that write into `bytes` themselves. */
  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.#view = new DataView(grown.buffer)
  }

  tag(field: number, wire: number): void {
    this.varint(field * 8 + wire)
  }

  /** An unsigned number below 2^53. */
  varint(value: number): void {
    this.reserve(10)
    this.length = putVarint(this.bytes, this.length, value)
  }

  /** A signed 64-bit integer within ±2^53 in two's complement (`int64`, `int32`, enums): ten bytes when negative. */
  int64(value: number): void {
    if (value >= 0) return this.varint(value)
    this.reserve(10)
    let low = ((value % 0x1_0000_0000) | 0) >>> 0
    let high = Math.floor(value / 0x1_0000_0000) >>> 0
    for (let i = 0; i < 9; i++) {
      this.bytes[this.length++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.bytes[this.length++] = low
  }

  double(value: number): void {
    this.reserve(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** Eight bytes, low word first. */
  fixed64(low: number, high: number): void {
    this.reserve(8)
    this.#view.setUint32(this.length, low, true)
    this.#view.setUint32(this.length + 4, high, true)
    this.length += 8
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  uintField(field: number, value: number): void {
    this.tag(field, wireType.varint)
    this.varint(value)
  }

  int64Field(field: number, value: number): void {
    this.tag(field, wireType.varint)
    this.int64(value)
  }

  boolField(field: number, value: boolean): void {
    this.uintField(field, value ? 1 : 0)
  }

  doubleField(field: number, value: number): void {
    this.tag(field, wireType.fixed64)
    this.double(value)
  }

  fixed64Field(field: number, low: number, high: number): void {
    this.tag(field, wireType.fixed64)
    this.fixed64(low, high)
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.tag(field, wireType.bytes)
    this.varint(bytes.length)
    this.raw(bytes)
  }

  stringField(field: number, text: string): void {
    const { length } = text
    this.tag(field, wireType.bytes)
    // One byte of length and one byte a character is right for nearly all labels; anything else takes the long way.
    if (length < 128) {
      this.reserve(1 + length)
      const start = this.length + 1
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        this.bytes[start + i] = code
      }
      if (i === length) {
        this.bytes[this.length] = length
        this.length = start + length
        return
      }
    }
    const bytes = encodeUtf8(text)
    this.varint(bytes.length)
    this.raw(bytes)
  }

  /** Opens a length-delimited field; close it with {@link ProtobufWriter.end}. They nest. */
  begin(field: number): number {
    this.tag(field, wireType.bytes)
    this.reserve(1)
    this.length += 1
    return this.length
  }

  /** Closes what `begin` returned: writes the length in front of the content, moving it where one byte is too few. */
  end(mark: number): void {
    const size = this.length - mark
    const extra = varintSize(size) - 1
    if (extra > 0) {
      this.reserve(extra)
      this.bytes.copyWithin(mark + extra, mark, this.length)
      this.length += extra
    }
    putVarint(this.bytes, mark - 1, size)
  }
}

/** Writes an unsigned number below 2^53 at `at` and returns the position after it. The caller has made room. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest > 0x7fff_ffff) {
    bytes[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Bytes that {@link putVarint} writes. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}
