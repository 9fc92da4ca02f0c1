/**
 * OTLP as it came: `bytes` is one valid `ExportTraceServiceRequest`,
 * `ExportMetricsServiceRequest` or `ExportLogsServiceRequest` (their wire forms
 * are alike: field 1, repeated, Resource* messages). Two of them are merged by
 * concatenation.
 */
export interface OtelBatch {
  readonly type: OtelSignal
  /** Spans, log records or metric data points. */
  readonly count: number
  readonly bytes: Uint8Array
  /**
   * Request headers or gRPC metadata of the sender, lower-case names, where a receiver includes them
   * (`include_metadata`). Batches are merged only with batches of equal metadata.
   */
  readonly metadata?: OtelMetadata
}

export type OtelSignal = 'otel.metrics' | 'otel.logs' | 'otel.traces'
export type OtelMetadata = Readonly<Record<string, string>>
