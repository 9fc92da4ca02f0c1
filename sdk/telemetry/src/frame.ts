import type { Batch } from './batch.ts'
import { decodeLogsFrame, encodeLogsFrame } from './logs/frame.ts'
import { decodeMetricsFrame, encodeMetricsFrame, metricsMagic } from './metrics/frame.ts'

const logsMagic = 0x31_46_4c_49

/** A self-contained copy of a batch, for another thread, another process or disk. Frames do not leave the host. */
export function encodeFrame(batch: Batch): Uint8Array {
  switch (batch.type) {
    case 'loki.logs':
      return encodeLogsFrame(batch)
    case 'prometheus.metrics':
      return encodeMetricsFrame(batch)
    default:
      throw new Error(`Cannot encode a batch of type ${batch.type}: it has no frame`)
  }
}

/**
 * The batch of a frame, checked through and through. It views `bytes`, which must not change afterwards.
 * @throws when the frame is malformed.
 */
export function decodeFrame(bytes: Uint8Array): Batch {
  if (bytes.length < 4) throw new Error('Cannot read a frame: it is shorter than its first word')
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  switch (magic) {
    case logsMagic:
      return decodeLogsFrame(bytes)
    case metricsMagic:
      return decodeMetricsFrame(bytes)
    default:
      throw new Error('Cannot read a frame: it does not begin as one of a known type')
  }
}
