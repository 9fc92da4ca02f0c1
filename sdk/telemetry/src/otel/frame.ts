import { ProtobufError, ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter, putVarint, varintSize } from '../protobuf/protobuf-writer.ts'
import type { OtelBatch, OtelMetadata, OtelSignal } from './batch.ts'
import { checkOtelRequest } from './check.ts'
import { OtelFormatError } from './otel-format-error.ts'

const signals: readonly OtelSignal[] = ['otel.traces', 'otel.logs', 'otel.metrics']
/** Headers of one request; more are no request's. */
const metadataMax = 256

// A frame is a protobuf message: 1 signal, 2 metadata (repeated: 1 name, 2 value), 3 the request's bytes, last.
const bytesTag = (3 << 3) | 2

/** The batch as one piece of memory that refers to nothing else: what travels between lanes and to runners. */
export function encodeOtelFrame(batch: OtelBatch): Uint8Array<ArrayBuffer> {
  const head = new ProtobufWriter(64)
  head.uintField(1, signals.indexOf(batch.type))
  for (const [name, value] of Object.entries(batch.metadata ?? {})) {
    const entry = head.begin(2)
    head.stringField(1, name)
    head.stringField(2, value)
    head.end(entry)
  }
  const { length } = batch.bytes
  const frame = new Uint8Array(head.length + 1 + varintSize(length) + length)
  frame.set(head.view())
  frame[head.length] = bytesTag
  frame.set(batch.bytes, putVarint(frame, head.length + 1, length))
  return frame
}

/**
 * The batch in a frame, as views of it. Everything is checked, for a runner may send anything: the request's framing
 * down to the last value, from which the count is taken.
 * @throws OtelFormatError
 */
export function decodeOtelFrame(frame: Uint8Array): OtelBatch {
  let type: OtelSignal | undefined
  let bytes: Uint8Array | undefined
  let metadata: Record<string, string> | undefined
  let names = 0
  try {
    const reader = new ProtobufReader(frame)
    while (reader.next()) {
      if (reader.field === 1 && reader.wire === 0) type = signals[reader.varint()]
      else if (reader.field === 2 && ++names <= metadataMax) metadata = { ...metadata, ...entryOf(reader.message()) }
      else if (reader.field === 3) bytes = reader.view()
      else
        throw new OtelFormatError(
          `Cannot read frame of OTLP: found field ${reader.field}, want 1 to 3, 2 at most ${metadataMax} times`,
        )
    }
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    throw new OtelFormatError(`Cannot read frame of OTLP: ${error.message}`, { cause: error })
  }
  if (!type || !bytes) throw new OtelFormatError('Cannot read frame of OTLP: found no signal or no bytes, want both')
  const count = checkOtelRequest(bytes, type)
  return metadata ? { type, count, bytes, metadata } : { type, count, bytes }
}

function entryOf(reader: ProtobufReader): OtelMetadata {
  let name = ''
  let value = ''
  while (reader.next()) {
    if (reader.field === 1) name = reader.string()
    else if (reader.field === 2) value = reader.string()
    else reader.skip()
  }
  return Object.fromEntries([[name, value]])
}
