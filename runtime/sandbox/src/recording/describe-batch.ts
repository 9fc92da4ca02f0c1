import {
  decodeOtelRequest,
  lineBytes,
  lineLabels,
  type Batch,
  type LogsBatch,
  type MetricsBatch,
} from '@ingot/telemetry'

const utf8 = new TextDecoder()

/** The records of a batch as plain data, for people and for JSON. */
export function describeBatch(batch: Batch): { readonly type: string; readonly records: readonly unknown[] } {
  return { type: batch.type, records: recordsOf(batch) }
}

function recordsOf(batch: Batch): readonly unknown[] {
  switch (batch.type) {
    case 'loki.logs':
      return describeLines(batch)
    case 'prometheus.metrics':
      return describeSamples(batch)
    case 'otel.logs':
    case 'otel.metrics':
    case 'otel.traces':
      return [decodeOtelRequest(batch)]
    default:
      return utf8
        .decode(batch.bytes)
        .split('\n')
        .slice(0, -1)
        .map((row) => JSON.parse(row) as unknown)
  }
}

function describeLines(batch: LogsBatch): object[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    time: `${batch.seconds[i]}.${String(batch.nanos[i]).padStart(9, '0')}`,
    labels: lineLabels(batch, i).toObject(),
    line: utf8.decode(lineBytes(batch, i)),
    ...(batch.metadata?.[i] && { metadata: batch.metadata[i].toObject() }),
  }))
}

function describeSamples(batch: MetricsBatch): object[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    labels: batch.table.labels(batch.series[i]!).toObject(),
    // As text: JSON has neither infinities nor NaN.
    value: String(batch.values[i]),
    timestamp: batch.timestamps[i],
  }))
}
