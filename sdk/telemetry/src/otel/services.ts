import type { OtelSignal } from './batch.ts'

/** The gRPC method that takes each signal. */
export const exportMethods: Readonly<Record<OtelSignal, string>> = {
  'otel.traces': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'otel.logs': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  'otel.metrics': '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}
