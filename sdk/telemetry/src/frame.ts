import type { Batch } from './batch.ts'
import { decodeLogsFrame, encodeLogsFrame, encodeLogsFrameParts } from './logs/frame.ts'
import { decodeMetricsFrame, encodeMetricsFrame } from './metrics/frame.ts'
import { decodeOtelFrame, encodeOtelFrame } from './otel/frame.ts'
import { decodeRecordsFrame, encodeRecordsFrame, recordsWord } from './records/frame.ts'

/** How the kinds of frame begin: those of OTLP with the tag of their first field, the others with a word of their own. */
const firstWord = { logs: 0x31_46_4c_49, metrics: 0x31_4d_46_49 } as const
const otelFirstByte = 0x08

/** A self-contained copy of a batch, for another thread, another process or disk. Frames do not leave the host. */
export function encodeFrame(batch: Batch): Uint8Array {
  switch (batch.type) {
    case 'loki.logs':
      return encodeLogsFrame(batch)
    case 'prometheus.metrics':
      return encodeMetricsFrame(batch)
    case 'otel.logs':
    case 'otel.metrics':
    case 'otel.traces':
      return encodeOtelFrame(batch)
    default:
      return encodeRecordsFrame(batch)
  }
}

/**
 * The same frame in parts, which follow one another: whoever writes them out need not copy them into one. The parts may be
 * memory of the batch.
 */
export function encodeFrameParts(batch: Batch): Uint8Array[] {
  return batch.type === 'loki.logs' ? encodeLogsFrameParts(batch) : [encodeFrame(batch)]
}

/**
 * The batch of a frame, checked through and through. It views `bytes`, which must not change afterwards.
 * @throws when the frame is malformed.
 */
export function decodeFrame(bytes: Uint8Array): Batch {
  if (bytes.length < 4) throw new Error('Cannot read a frame: it is shorter than its beginning')
  if (bytes[0] === otelFirstByte) return decodeOtelFrame(bytes)
  switch (new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)) {
    case firstWord.logs:
      return decodeLogsFrame(bytes)
    case firstWord.metrics:
      return decodeMetricsFrame(bytes)
    case recordsWord:
      return decodeRecordsFrame(bytes)
    default:
      throw new Error('Cannot read a frame: it does not begin as one of a known type')
  }
}
