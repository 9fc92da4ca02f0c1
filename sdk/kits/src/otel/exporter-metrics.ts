import type { Counter, Gauge, Metrics } from '@ingot/sdk'
import type { OtelSignal } from '@ingot/telemetry'

/** What one record of each signal is called in the names of metrics. */
export const recordWord: Readonly<Record<OtelSignal, string>> = {
  'otel.traces': 'spans',
  'otel.logs': 'log_records',
  'otel.metrics': 'metric_points',
}

/** A counter per signal, made when its signal first occurs. */
export function signalCounters(
  metrics: Metrics,
  name: (word: string) => string,
  help: (word: string) => string,
  labels?: Readonly<Record<string, string>>,
): (signal: OtelSignal, records: number) => void {
  const counters = new Map<OtelSignal, Counter>()
  return (signal, records) => {
    let counter = counters.get(signal)
    if (!counter) {
      const word = recordWord[signal]
      counter = metrics.counter(name(word), help(word.replace('_', ' ')), labels)
      counters.set(signal, counter)
    }
    counter.add(records)
  }
}

export interface ExporterMetrics {
  readonly queueSize: Gauge
  readonly sent: (signal: OtelSignal, records: number) => void
  readonly failed: (signal: OtelSignal, records: number) => void
}

/** The metrics of exporters under the names that Alloy's have. */
export function exporterMetrics(metrics: Metrics, queueCapacity: number): ExporterMetrics {
  metrics.gauge('otelcol_exporter_queue_capacity', 'Fixed capacity of the sending queue.').set(queueCapacity)
  return {
    queueSize: metrics.gauge('otelcol_exporter_queue_size', 'Current size of the sending queue.'),
    sent: signalCounters(
      metrics,
      (word) => `otelcol_exporter_sent_${word}_total`,
      (word) => `Number of ${word} that the destination took.`,
    ),
    failed: signalCounters(
      metrics,
      (word) => `otelcol_exporter_send_failed_${word}_total`,
      (word) => `Number of ${word} that could not be sent.`,
    ),
  }
}
