import { redactedUrl } from '@ingot/kits'
import type { Counter, Gauge, Histogram, Metrics } from '@ingot/sdk'
import type { EndpointArguments } from './arguments.ts'
import type { RequestRecord } from './request-record.ts'

const prefix = 'prometheus_remote_storage_'
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300]
const kinds = ['samples', 'exemplars', 'metadata'] as const
type Kind = (typeof kinds)[number]

/** The metrics of one endpoint, under the names that Alloy gives them. */
export class EndpointMetrics {
  readonly #total: Record<Kind, Counter>
  readonly #failed: Record<Kind, Counter>
  readonly #retried: Record<Kind, Counter>
  readonly #in: Counter
  readonly #dropped: Counter
  readonly #pending: Gauge
  readonly #bytes: Counter
  readonly #metadataBytes: Counter
  readonly #highestSent: Gauge
  readonly #duration: Histogram
  #highestSentMs = 0

  constructor(metrics: Metrics, name: string, args: EndpointArguments) {
    const labels = { remote_name: name, url: redactedUrl(args.url) }
    const counter = (suffix: string, help: string) => metrics.counter(prefix + suffix, help, labels)
    const gauge = (suffix: string, help: string) => metrics.gauge(prefix + suffix, help, labels)
    const each = (suffix: (kind: Kind) => string, help: string) =>
      Object.fromEntries(
        kinds.map((kind) => [kind, counter(suffix(kind), `Total number of ${kind} ${help}`)]),
      ) as Record<Kind, Counter>
    this.#total = each((kind) => `${kind}_total`, 'sent to remote storage.')
    this.#failed = each(
      (kind) => `${kind}_failed_total`,
      'which failed on send to remote storage, non-recoverable errors.',
    )
    this.#retried = each(
      (kind) => (kind === 'samples' ? 'samples_retries_total' : `${kind}_retried_total`),
      'which failed on send to remote storage but were retried because the send error was recoverable.',
    )
    this.#in = counter('samples_in_total', 'Samples in to remote storage, compare to samples out for queue managers.')
    this.#dropped = counter(
      'samples_dropped_total',
      'Total number of samples which were dropped by write relabel rules or could not be queued.',
    )
    this.#pending = gauge(
      'samples_pending',
      'The number of samples pending in the queue to be sent to the remote storage.',
    )
    this.#bytes = counter('bytes_total', 'The total number of bytes of data sent by the queue after compression.')
    this.#metadataBytes = counter(
      'metadata_bytes_total',
      'The total number of bytes of metadata sent by the queue after compression.',
    )
    this.#highestSent = gauge(
      'queue_highest_sent_timestamp_seconds',
      'Timestamp from a WAL sample, the highest timestamp successfully sent by this queue, in seconds since epoch.',
    )
    this.#duration = metrics.histogram(
      `${prefix}sent_batch_duration_seconds`,
      'Duration of send calls to the remote storage.',
      durationBuckets,
      labels,
    )
    const { queue_config: queue } = args
    gauge(
      'max_samples_per_send',
      'The maximum number of samples to be sent, in a single request, to the remote storage.',
    ).set(queue.max_samples_per_send)
    gauge(
      'shard_capacity',
      'The capacity of each shard of the queue used for parallel sending to the remote storage.',
    ).set(queue.capacity)
    gauge('shards_max', 'The maximum number of shards that the queue is allowed to run.').set(queue.max_shards)
    gauge('shards_min', 'The minimum number of shards that the queue is allowed to run.').set(queue.min_shards)
  }

  received(samples: number): void {
    this.#in.add(samples)
  }

  dropped(samples: number): void {
    this.#dropped.add(samples)
  }

  pending(samples: number): void {
    this.#pending.set(samples)
  }

  attempted(record: RequestRecord, seconds: number): void {
    this.#duration.observe(seconds)
    ;(record.metadata > 0 ? this.#metadataBytes : this.#bytes).add(record.body.length)
  }

  sent(record: RequestRecord): void {
    count(this.#total, record)
    if (record.samples > 0 && record.newestMs > this.#highestSentMs) {
      this.#highestSentMs = record.newestMs
      this.#highestSent.set(record.newestMs / 1000)
    }
  }

  retried(record: RequestRecord): void {
    count(this.#retried, record)
  }

  failed(record: RequestRecord): void {
    count(this.#failed, record)
  }
}

function count(counters: Record<Kind, Counter>, record: RequestRecord): void {
  for (const kind of kinds) if (record[kind] > 0) counters[kind].add(record[kind])
}
