import type { OtelBatch, OtelMetadata, OtelSignal } from './batch.ts'
import { checkOtelRequest } from './check.ts'

/**
 * A batch from the bytes of an OTLP request as it came from elsewhere. The bytes are checked and counted, not copied:
 * they must not change afterwards.
 * @throws OtelFormatError
 */
export function readOtelRequest(bytes: Uint8Array, signal: OtelSignal, metadata?: OtelMetadata): OtelBatch {
  const count = checkOtelRequest(bytes, signal)
  return metadata ? { type: signal, count, bytes, metadata } : { type: signal, count, bytes }
}
