import type { Counter, Env, Histogram } from '@ingot/sdk'
import type { EndpointArguments } from './arguments.ts'
import type { PendingRequest } from './route.ts'

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const sizeBuckets = [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24]
/** Tenants that get series of their own; further ones share one. */
const tenantsMax = 1000

interface TenantSeries {
  readonly sentEntries: Counter
  readonly sentBytes: Counter
  readonly retries: Counter
  readonly duration: Histogram
  readonly size: Histogram
  readonly latency: Histogram
}

/** What an endpoint counts, by tenant. */
export class EndpointMetrics {
  readonly #env: Env
  readonly #host: string
  readonly #tenants = new Map<string, TenantSeries>()
  readonly #drops = new Map<string, { readonly entries: Counter; readonly bytes: Counter }>()

  constructor(env: Env<never>, args: EndpointArguments) {
    this.#env = env as Env
    this.#host = args.name ?? /^[^:]+:\/\/(?:[^@/]*@)?([^/?#]+)/.exec(args.url)?.[1] ?? ''
  }

  sent(request: PendingRequest, bytes: number, ms: number): void {
    const series = this.#series(request.tenant)
    series.sentEntries.add(request.entries)
    series.sentBytes.add(bytes)
    series.size.observe(bytes)
    series.duration.observe(ms / 1000)
    const { batch, from } = request.parts[0]!
    const oldest = batch.seconds[from]! + batch.nanos[from]! / 1e9
    series.latency.observe(Math.max(0, this.#env.clock.now() / 1000 - oldest))
  }

  retried(tenant: string): void {
    this.#series(tenant).retries.add()
  }

  dropped(request: PendingRequest, reason: string): void {
    const tenant = this.#bounded(request.tenant)
    const key = `${reason}/${tenant}`
    let drops = this.#drops.get(key)
    if (!drops) {
      const labels = { host: this.#host, tenant, reason }
      const { metrics } = this.#env
      drops = {
        entries: metrics.counter('loki_write_dropped_entries_total', 'Number of log entries dropped.', labels),
        bytes: metrics.counter('loki_write_dropped_bytes_total', 'Number of bytes of lines dropped.', labels),
      }
      this.#drops.set(key, drops)
    }
    drops.entries.add(request.entries)
    drops.bytes.add(request.lineBytes)
  }

  #series(given: string): TenantSeries {
    const tenant = this.#bounded(given)
    const known = this.#tenants.get(tenant)
    if (known) return known
    const { metrics } = this.#env
    const labels = { host: this.#host, tenant }
    const series = {
      sentEntries: metrics.counter('loki_write_sent_entries_total', 'Number of log entries sent.', labels),
      sentBytes: metrics.counter('loki_write_sent_bytes_total', 'Number of bytes sent.', labels),
      retries: metrics.counter('loki_write_batch_retries_total', 'Number of requests sent again.', labels),
      duration: metrics.histogram(
        'loki_write_request_duration_seconds',
        'Duration of requests.',
        durationBuckets,
        labels,
      ),
      size: metrics.histogram('loki_write_request_size_bytes', 'Size of requests on the wire.', sizeBuckets, labels),
      latency: metrics.histogram(
        'loki_write_entry_propagation_latency_seconds',
        'Time from the timestamp of the first entry of a request until it was sent.',
        durationBuckets,
        labels,
      ),
    }
    this.#tenants.set(tenant, series)
    return series
  }

  #bounded(tenant: string): string {
    return this.#tenants.has(tenant) || this.#tenants.size < tenantsMax ? tenant : 'other'
  }
}
