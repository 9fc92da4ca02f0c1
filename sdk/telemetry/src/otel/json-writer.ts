import { ProtobufError, ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { wireType } from '../protobuf/protobuf-writer.ts'
import type { OtelBatch } from './batch.ts'
import { toBase64, toHex } from './binary-text.ts'
import { OtelFormatError } from './otel-format-error.ts'
import {
  isMessage,
  messages,
  requestMessage,
  wireTypeOf,
  type MessageName,
  type OtelField,
  type ScalarType,
} from './schema.ts'

/** A message of OTLP as OTLP/JSON has it: absent fields are at their defaults. */
export type OtelObject = Record<string, unknown>

/** Messages inside messages; checked batches are below it. */
const depthMax = 100

const fieldsByNumber = Object.fromEntries(
  Object.entries(messages).map(([name, fields]) => [name, new Map(fields.map((field) => [field.number, field]))]),
) as unknown as Record<MessageName, ReadonlyMap<number, OtelField>>

/** The request of a batch as OTLP/JSON. */
export function writeOtelJson(batch: OtelBatch): string {
  return JSON.stringify(decodeOtelRequest(batch))
}

/** A batch decoded whole. For slow paths: a record costs some microseconds. @throws OtelFormatError */
export function decodeOtelRequest(batch: OtelBatch): OtelObject {
  return decodeOtelMessage(requestMessage[batch.type], batch.bytes)
}

/**
 * One message of OTLP from its bytes: a Resource, a span, an attribute value.
 * @throws OtelFormatError
 */
export function decodeOtelMessage(name: MessageName, bytes: Uint8Array, start = 0, end = bytes.length): OtelObject {
  try {
    return decodeInto({}, name, new ProtobufReader(bytes, start, end), 0)
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    throw new OtelFormatError(`Cannot read ${name}: ${error.message}`, { cause: error })
  }
}

function decodeInto(target: OtelObject, name: MessageName, reader: ProtobufReader, depth: number): OtelObject {
  if (depth > depthMax)
    throw new OtelFormatError(`Cannot read ${name}: found deeper nesting, want at most ${depthMax} levels`)
  const fields = fieldsByNumber[name]
  while (reader.next()) {
    const field = fields.get(reader.field)
    if (!field) {
      reader.skip()
      continue
    }
    const { type } = field
    const wire = wireTypeOf(type)
    if (field.repeated && wire !== wireType.bytes && reader.wire === wireType.bytes) {
      const packed = reader.message()
      while (packed.at < packed.end) push(target, field.name, scalar(type as ScalarType, packed))
      continue
    }
    if (reader.wire !== wire) {
      throw new OtelFormatError(`Cannot read ${name}.${field.name}: found wire type ${reader.wire}, want ${wire}`)
    }
    if (!isMessage(type)) {
      const value = scalar(type, reader)
      if (field.repeated) push(target, field.name, value)
      else target[field.name] = value
    } else if (field.repeated) push(target, field.name, decodeInto({}, type, reader.message(), depth + 1))
    // A message that comes twice is one message: protobuf merges the two.
    else target[field.name] = decodeInto((target[field.name] ?? {}) as OtelObject, type, reader.message(), depth + 1)
  }
  return target
}

function push(target: OtelObject, name: string, value: unknown): void {
  ;((target[name] ??= []) as unknown[]).push(value)
}

function scalar(type: ScalarType, reader: ProtobufReader): unknown {
  switch (type) {
    case 'string':
      return reader.string()
    case 'id':
      return toHex(reader.view())
    case 'bytes':
      return toBase64(reader.view())
    case 'bool':
      return reader.varint() !== 0
    case 'double': {
      const value = reader.double()
      // As numbers in JSON these would be null, or lose their sign.
      if (Object.is(value, -0)) return '-0'
      return Number.isFinite(value) ? value : String(value)
    }
    case 'fixed32':
      return reader.fixed32()
    case 'fixed64':
    case 'sfixed64': {
      const [low, high] = reader.fixed64()
      return integerText(low, high, type === 'sfixed64')
    }
    default:
      return varintValue(type, reader)
  }
}

function varintValue(type: ScalarType, reader: ProtobufReader): unknown {
  const { bytes, at: start } = reader
  reader.varint()
  let value = 0n
  for (let i = reader.at - 1; i >= start; i--) value = (value << 7n) | BigInt(bytes[i]! & 0x7f)
  if (type === 'uint64') return String(BigInt.asUintN(64, value))
  if (type === 'int64') return String(BigInt.asIntN(64, value))
  if (type === 'uint32') return Number(BigInt.asUintN(32, value))
  if (type !== 'sint32') return Number(BigInt.asIntN(32, value))
  const zigzag = Number(BigInt.asUintN(32, value))
  return (zigzag >>> 1) ^ -(zigzag & 1)
}

function integerText(low: number, high: number, signed: boolean): string {
  const value = (BigInt(high) << 32n) | BigInt(low)
  return String(signed ? BigInt.asIntN(64, value) : value)
}
