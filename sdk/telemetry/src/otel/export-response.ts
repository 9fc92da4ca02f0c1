import { ProtobufError, ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import type { OtelSignal } from './batch.ts'
import { OtelFormatError } from './otel-format-error.ts'

/** `partial_success` of an `Export*ServiceResponse`: 0 and '' mean full success. */
export interface ExportResult {
  readonly rejected: number
  readonly message: string
}

const fullSuccess: ExportResult = { rejected: 0, message: '' }

const rejectedName: Readonly<Record<OtelSignal, string>> = {
  'otel.traces': 'rejectedSpans',
  'otel.logs': 'rejectedLogRecords',
  'otel.metrics': 'rejectedDataPoints',
}

/** The response's bytes: none at all for full success, as OTLP wants `partial_success` unset then. */
export function encodeExportResponse({ rejected, message }: ExportResult): Uint8Array {
  const writer = new ProtobufWriter(64)
  if (rejected !== 0 || message !== '') {
    const partial = writer.begin(1)
    if (rejected !== 0) writer.int64Field(1, rejected)
    if (message !== '') writer.stringField(2, message)
    writer.end(partial)
  }
  return writer.finish()
}

export function encodeExportResponseJson(signal: OtelSignal, { rejected, message }: ExportResult): string {
  if (rejected === 0 && message === '') return '{}'
  return JSON.stringify({ partialSuccess: { [rejectedName[signal]]: String(rejected), errorMessage: message } })
}

/** @throws OtelFormatError */
export function decodeExportResponse(bytes: Uint8Array): ExportResult {
  let rejected = 0
  let message = ''
  try {
    const reader = new ProtobufReader(bytes)
    while (reader.next()) {
      if (reader.field !== 1 || reader.wire !== 2) {
        reader.skip()
        continue
      }
      const partial = reader.message()
      while (partial.next()) {
        if (partial.field === 1 && partial.wire === 0) rejected = partial.int64()
        else if (partial.field === 2 && partial.wire === 2) message = partial.string()
        else partial.skip()
      }
    }
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    throw new OtelFormatError(`Cannot read OTLP response: ${error.message}`, { cause: error })
  }
  return { rejected: Math.max(0, rejected), message }
}

/** @throws OtelFormatError */
export function decodeExportResponseJson(signal: OtelSignal, text: string): ExportResult {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new OtelFormatError('Cannot read OTLP response: found no JSON', { cause: error })
  }
  const partial = (value as { partialSuccess?: Record<string, unknown> } | null)?.partialSuccess
  if (typeof partial !== 'object' || partial === null) return fullSuccess
  const rejected = Number(partial[rejectedName[signal]] ?? 0)
  return { rejected: rejected > 0 ? rejected : 0, message: String(partial['errorMessage'] ?? '') }
}
