import type { Counter, Gauge, Histogram, Metrics } from '@ingot/sdk'
import type { MetricMessage } from '../protocol/messages.ts'

/** Series that one module may have: names and label values are its own choice. */
const seriesMax = 1_000

/** A module's own metrics, recorded on its behalf. Series beyond the bound are left out. */
export class ModuleMetrics {
  readonly #metrics: Metrics
  readonly #series = new Map<string, Counter | Gauge | Histogram>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  record(metric: MetricMessage): void {
    const { kind, name, labels, value } = metric
    if (!Number.isFinite(value) || (kind === 'counter' && value < 0)) return
    const type = kind === 'gaugeAdd' ? 'gauge' : kind
    const key = `${type} ${name} ${JSON.stringify(labels ?? {})}`
    let series = this.#series.get(key)
    if (!series) {
      if (this.#series.size >= seriesMax) return
      this.#series.set(key, (series = this.#make(metric)))
    }
    if (kind === 'gauge') (series as Gauge).set(value)
    else if (kind === 'histogram') (series as Histogram).observe(value)
    else (series as Counter).add(value)
  }

  #make({ kind, name, help, labels, buckets }: MetricMessage): Counter | Gauge | Histogram {
    if (kind === 'counter') return this.#metrics.counter(name, help, labels)
    if (kind === 'histogram') return this.#metrics.histogram(name, help, buckets ?? [], labels)
    return this.#metrics.gauge(name, help, labels)
  }
}
