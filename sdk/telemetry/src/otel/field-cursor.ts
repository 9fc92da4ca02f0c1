import { wireType } from '../protobuf/protobuf-writer.ts'
import { OtelFormatError } from './otel-format-error.ts'

/**
 * Steps through the fields of one protobuf message inside `bytes`, without decoding their values. One cursor serves
 * many messages (`reset`), so that a walk over thousands of records allocates nothing.
 */
export class FieldCursor {
  readonly bytes: Uint8Array
  /** Of the current field: its number, its wire type, where its tag starts, and where its value starts and ends. */
  number = 0
  wire = 0
  tagStart = 0
  start = 0
  end = 0
  #position: number
  #limit: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.#position = start
    this.#limit = end
  }

  reset(start: number, end: number): this {
    this.#position = start
    this.#limit = end
    return this
  }

  /** Moves to the next field; false at the end of the message. @throws OtelFormatError when the bytes are no fields. */
  next(): boolean {
    if (this.#position >= this.#limit) return false
    this.tagStart = this.#position
    const tag = this.#varint32()
    this.number = tag >>> 3
    this.wire = tag & 7
    if (this.number === 0) throw this.#error('field number 0')
    this.start = this.#position
    this.end = this.#valueEnd()
    if (this.end > this.#limit) throw this.#error(`a value that ends ${this.end - this.#limit} bytes too late`)
    this.#position = this.end
    return true
  }

  #valueEnd(): number {
    switch (this.wire) {
      case wireType.varint: {
        let position = this.#position
        const stop = position + 10
        while (position < stop) if (this.bytes[position++]! < 0x80) return position
        throw this.#error('a varint of more than 10 bytes')
      }
      case wireType.fixed64:
        return this.#position + 8
      case wireType.fixed32:
        return this.#position + 4
      case wireType.bytes: {
        const length = this.#varint32()
        this.start = this.#position
        return this.#position + length
      }
      default:
        throw this.#error(`wire type ${this.wire}`)
    }
  }

  #varint32(): number {
    const { bytes } = this
    let position = this.#position
    let byte = bytes[position++]!
    let value = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28 || position >= this.#limit) throw this.#error('a tag or length that does not end')
      byte = bytes[position++]!
      value |= (byte & 0x7f) << shift
    }
    this.#position = position
    return value >>> 0
  }

  #error(found: string): OtelFormatError {
    return new OtelFormatError(
      `Cannot read protobuf field at byte ${this.tagStart}: found ${found}, want one within byte ${this.#limit}`,
    )
  }
}
