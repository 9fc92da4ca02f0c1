import type { GrpcReply } from '@ingot/sdk'
import {
  OtelFormatError,
  encodeExportResponse,
  exportMethods,
  readOtelRequest,
  type OtelBatch,
  type OtelSignal,
} from '@ingot/telemetry'
import type { Intake, IntakeResult } from './intake.ts'

export type GrpcMethod = (message: Uint8Array, metadata: Readonly<Record<string, string>>) => Promise<GrpcReply>

/** gRPC status codes. */
const invalidArgument = 3
const resourceExhausted = 8
const unavailable = 14

/** OTLP/gRPC on the server's side: the methods of the signals that go anywhere. */
export function grpcMethods(intake: Intake, includeMetadata: boolean): Record<string, GrpcMethod> {
  const signals = (Object.keys(exportMethods) as OtelSignal[]).filter((signal) => intake.takes(signal))
  return Object.fromEntries(
    signals.map((signal) => [
      exportMethods[signal],
      async (message, metadata) => {
        let batch: OtelBatch
        try {
          batch = readOtelRequest(message, signal, includeMetadata ? metadata : undefined)
        } catch (error) {
          if (!(error instanceof OtelFormatError)) throw error
          return { code: invalidArgument, details: error.message }
        }
        return reply(await intake.take(batch))
      },
    ]),
  )
}

function reply(result: IntakeResult): GrpcReply {
  switch (result.kind) {
    case 'accepted':
      return { code: 0, message: encodeExportResponse({ rejected: 0, message: '' }) }
    case 'partial':
      return { code: 0, message: encodeExportResponse({ rejected: result.rejected, message: result.message }) }
    case 'overloaded':
      return { code: resourceExhausted, details: 'too much is under way', retryAfterMs: result.retryAfterMs }
    case 'refused':
      return { code: unavailable, details: result.message, retryAfterMs: result.retryAfterMs }
  }
}
