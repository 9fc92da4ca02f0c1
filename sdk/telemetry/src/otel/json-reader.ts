import { ProtobufWriter, wireType } from '../protobuf/protobuf-writer.ts'
import type { OtelBatch, OtelMetadata, OtelSignal } from './batch.ts'
import { fromBase64, fromHex } from './binary-text.ts'
import { OtelFormatError } from './otel-format-error.ts'
import { readOtelRequest } from './otel-request.ts'
import {
  idLength,
  isMessage,
  messages,
  requestMessage,
  wireTypeOf,
  type MessageName,
  type OtelField,
  type ScalarType,
} from './schema.ts'

/** Messages inside messages: bounds the recursion. Values in values cost two levels each. */
const depthMax = 100

const limits: Readonly<Partial<Record<ScalarType, readonly [bigint, bigint]>>> = {
  enum: [-(2n ** 31n), 2n ** 31n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
}

/**
 * A batch from OTLP/JSON: lowerCamelCase names, ids in hexadecimal, enums as numbers, 64-bit integers as text or
 * numbers. Fields of unknown names are passed over.
 * @throws OtelFormatError with the path of what was found.
 */
export function readOtelJson(text: string, signal: OtelSignal, metadata?: OtelMetadata): OtelBatch {
  const writer = new ProtobufWriter(text.length)
  new JsonReader(writer).message(requestMessage[signal], parse(text))
  return readOtelRequest(writer.finish(), signal, metadata)
}

function parse(text: string): unknown {
  // Numbers that doubles cannot hold are read from their digits; looking for them first keeps the usual case fast.
  const exact = /[[:,]\s*-?\d{16}/.test(text)
  try {
    return exact ? JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown) : JSON.parse(text)
  } catch (error) {
    throw new OtelFormatError('Cannot read OTLP/JSON: found text that is not JSON', { cause: error })
  }
}

function exactNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  const unsafe = typeof value === 'number' && !Number.isSafeInteger(value)
  return unsafe && /^-?\d{16,20}$/.test(context.source ?? '') ? BigInt(context.source!) : value
}

class JsonReader {
  readonly #writer: ProtobufWriter
  readonly #path: (string | number)[] = []
  #depth = 0

  constructor(writer: ProtobufWriter) {
    this.#writer = writer
  }

  message(name: MessageName, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#error(value, 'an object')
    if (++this.#depth > depthMax) throw this.#error('deeper nesting', `at most ${depthMax} levels`)
    for (const field of messages[name]) {
      const content = (value as Record<string, unknown>)[field.name]
      if (content === undefined || content === null) continue
      this.#path.push(field.name)
      if (field.repeated) this.#list(field, content)
      else this.#field(field, content)
      this.#path.pop()
    }
    this.#depth--
  }

  #list(field: OtelField, content: unknown): void {
    if (!Array.isArray(content)) throw this.#error(content, 'a list')
    const packs = wireTypeOf(field.type) !== wireType.bytes
    const mark = packs && content.length > 0 ? this.#writer.begin(field.number) : undefined
    for (const [index, item] of content.entries()) {
      this.#path.push(index)
      if (packs) this.#number(field.type as ScalarType, item)
      else this.#field(field, item)
      this.#path.pop()
    }
    if (mark !== undefined) this.#writer.end(mark)
  }

  #field({ number, name, type }: OtelField, content: unknown): void {
    const writer = this.#writer
    if (isMessage(type)) {
      const mark = writer.begin(number)
      this.message(type, content)
      writer.end(mark)
    } else if (type === 'string') {
      if (typeof content !== 'string') throw this.#error(content, 'a text')
      writer.stringField(number, content)
    } else if (type === 'id') {
      const id = typeof content === 'string' ? fromHex(content) : undefined
      const length = idLength(name)
      if (!id || (id.length !== 0 && id.length !== length)) {
        throw this.#error(content, `${2 * length} hexadecimal digits`)
      }
      writer.bytesField(number, id)
    } else if (type === 'bytes') {
      const bytes = typeof content === 'string' ? fromBase64(content) : undefined
      if (!bytes) throw this.#error(content, 'base64')
      writer.bytesField(number, bytes)
    } else {
      writer.tag(number, wireTypeOf(type))
      this.#number(type, content)
    }
  }

  /** The value of a number or bool, without its tag. */
  #number(type: ScalarType, content: unknown): void {
    const writer = this.#writer
    if (type === 'bool') {
      if (typeof content !== 'boolean') throw this.#error(content, 'true or false')
      writer.varint(content ? 1 : 0)
      return
    }
    if (type === 'double') {
      writer.double(this.#double(content))
      return
    }
    const value = this.#integer(type, content)
    const low = Number(value & 0xffff_ffffn)
    const high = Number((value >> 32n) & 0xffff_ffffn)
    if (type === 'fixed64' || type === 'sfixed64') writer.fixed64(low, high)
    else if (type === 'fixed32') writer.raw(Uint8Array.of(low, low >>> 8, low >>> 16, low >>> 24))
    else if (type === 'sint32') writer.varint(Number(BigInt.asUintN(32, (value << 1n) ^ (value >> 31n))))
    else this.#varint64(low, high)
  }

  #varint64(low: number, high: number): void {
    const writer = this.#writer
    writer.reserve(10)
    let [rest, upper] = [low, high]
    while (rest > 0x7f || upper > 0) {
      writer.bytes[writer.length++] = (rest & 0x7f) | 0x80
      rest = ((rest >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    writer.bytes[writer.length++] = rest
  }

  #integer(type: ScalarType, content: unknown): bigint {
    const [min, max] = limits[type]!
    let value: bigint | undefined
    if (typeof content === 'bigint') value = content
    else if (typeof content === 'number' && Number.isInteger(content)) value = BigInt(content)
    else if (typeof content === 'string' && /^-?\d{1,20}$/.test(content)) value = BigInt(content)
    if (value === undefined || value < min || value > max) {
      throw this.#error(content, `an integer from ${min} to ${max}`)
    }
    return value
  }

  #double(content: unknown): number {
    if (typeof content === 'number') return content
    if (typeof content === 'bigint') return Number(content)
    if (content === 'NaN') return Number.NaN
    if (content === 'Infinity') return Number.POSITIVE_INFINITY
    if (content === '-Infinity') return Number.NEGATIVE_INFINITY
    const value = typeof content === 'string' && content.trim() !== '' ? Number(content) : Number.NaN
    if (!Number.isFinite(value)) throw this.#error(content, 'a number')
    return value
  }

  #error(found: unknown, want: string): OtelFormatError {
    const shown =
      typeof found === 'object' && found !== null ? (Array.isArray(found) ? 'a list' : 'an object') : String(found)
    const path = this.#path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
    return new OtelFormatError(
      `Cannot read OTLP/JSON: ${path.replace(/^\./, '') || 'request'} is ${shown.slice(0, 60)}, want ${want}`,
    )
  }
}
