/**
 * What flows through ports. A batch is immutable once emitted: several
 * receivers may read it at the same time, and a retry reads it again.
 */
import type { LogsBatch } from './logs/batch.ts'
import type { MetricsBatch } from './metrics/batch.ts'
import type { OtelBatch, OtelSignal } from './otel/batch.ts'
import type { RecordsBatch, RecordsType } from './records/batch.ts'

export type Batch = MetricsBatch | LogsBatch | OtelBatch | RecordsBatch

/** The names that manifests and the type checker use for ports. */
export const portTypes = ['prometheus.metrics', 'loki.logs', 'otel.metrics', 'otel.logs', 'otel.traces'] as const
export type PortType = (typeof portTypes)[number] | RecordsType

/** The batch that a port of the given type carries. The three signals of OpenTelemetry share one. */
export type BatchOf<T extends PortType> = T extends OtelSignal
  ? OtelBatch
  : T extends RecordsType
    ? RecordsBatch
    : Extract<Batch, { readonly type: T }>
