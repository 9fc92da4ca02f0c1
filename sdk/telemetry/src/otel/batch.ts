/**
 * OTLP as it came: `bytes` is one valid `ExportTraceServiceRequest`,
 * `ExportMetricsServiceRequest` or `ExportLogsServiceRequest` (their wire forms
 * are alike: field 1, repeated, Resource* messages). Two of them are merged by
 * concatenation.
 */
export interface OtelBatch {
  readonly type: 'otel.metrics' | 'otel.logs' | 'otel.traces'
  /** Spans, log records or metric data points. */
  readonly count: number
  readonly bytes: Uint8Array
}
