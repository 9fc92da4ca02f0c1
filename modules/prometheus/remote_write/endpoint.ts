import { ConfiguredHttpClient, Relabeler } from '@ingot/kits'
import { delivered, dropped, isCapabilityError, refused, type DurableQueue, type Outcome } from '@ingot/sdk'
import type { MetricMetadata, MetricsBatch } from '@ingot/telemetry'
import type { EndpointArguments } from './arguments.ts'
import { EndpointMetrics } from './endpoint-metrics.ts'
import { OutgoingTables } from './outgoing-series.ts'
import { RequestBuilder } from './request-builder.ts'
import { RequestSender } from './request-sender.ts'
import type { RemoteWriteContext } from './remote-writer.ts'

/** Bound of an endpoint's queue on disk. */
export const queueBytesMax = 1 << 30
/** Samples wait at most this long for others: a request of few samples costs as much as one of many. */
const gatherMsMax = 100
const familiesMax = 100_000
const fullRetryMs = 1000

/** One endpoint: takes batches, settles them once they are durable, and sends them in its own time. */
export class Endpoint {
  readonly #context: RemoteWriteContext
  readonly #args: EndpointArguments
  readonly #queue: DurableQueue
  readonly #metrics: EndpointMetrics
  readonly #builder: RequestBuilder
  readonly #sender: RequestSender
  readonly #families = new Map<string, MetricMetadata>()
  /** Appends of the requests that are being gathered. */
  #appends: Promise<boolean>[] = []
  #gathering: Promise<boolean> | undefined
  /** Samples that are encoded but not in the queue yet. */
  #unqueued = 0

  constructor(context: RemoteWriteContext, args: EndpointArguments, name: string, queue: DurableQueue) {
    const { env, ledger } = context
    this.#context = context
    this.#args = args
    this.#queue = queue
    this.#metrics = new EndpointMetrics(env.metrics, name, args)
    this.#builder = new RequestBuilder(
      {
        tables: new OutgoingTables(context.args.external_labels ?? {}, new Relabeler(args.write_relabel_config)),
        samplesMax: args.queue_config.max_samples_per_send,
        sendExemplars: args.send_exemplars,
        codec: env.codec,
        clock: env.clock,
        append: (record, samples) => this.#append(record, samples),
      },
      env.clock.now(),
    )
    this.#sender = new RequestSender({
      args,
      keepMs: context.args.wal.max_keepalive_time,
      queue,
      client: new ConfiguredHttpClient(args, env),
      clock: env.clock,
      random: env.random,
      log: env.log,
      ledger,
      metrics: this.#metrics,
      settled: () => this.#showPending(),
    })
    this.#showPending()
  }

  /** Samples held, in the queue and on the way there. */
  get pending(): number {
    return this.#queue.pending.count + this.#unqueued
  }

  get full(): boolean {
    return this.#queue.pending.bytes >= queueBytesMax * 0.95
  }

  /** Resolves when the samples are durable. A batch is refused as a whole, or taken. */
  async accept(batch: MetricsBatch): Promise<Outcome> {
    if (this.full) return refused('queue_full', fullRetryMs)
    this.#remember(batch)
    this.#metrics.received(batch.count)
    const left = this.#builder.add(batch)
    if (left > 0) {
      this.#context.ledger.dropped(left, 'write_relabel')
      this.#metrics.dropped(left)
    }
    this.#unqueued += batch.count - left
    if (left === batch.count) return delivered
    this.#gathering ??= this.#gather()
    return (await this.#gathering) ? delivered : dropped('queue_failed')
  }

  /** Sends until the signal fires, then makes durable what is still in memory. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sender.run(signal), this.#sendMetadata(signal)])
    this.#builder.endEpoch()
    await this.#gathering
    await this.#queue.close()
  }

  /** Gives other batches a moment to join, then waits until all of them are durable. */
  async #gather(): Promise<boolean> {
    const waitMs = Math.min(gatherMsMax, this.#args.queue_config.batch_send_deadline)
    const { env, signal } = this.#context
    await env.clock.sleep(waitMs, { signal }).catch(() => {})
    this.#builder.endEpoch()
    this.#gathering = undefined
    const appends = this.#appends
    this.#appends = []
    const durable = await Promise.all(appends)
    this.#showPending()
    return durable.every(Boolean)
  }

  #append(record: Uint8Array, samples: number): void {
    const appended = this.#queue.append(record, samples).then(
      () => {
        this.#unqueued -= samples
        return true
      },
      (error: unknown) => {
        const reason = isCapabilityError(error, 'full') ? 'queue_full' : 'queue_failed'
        this.#unqueued -= samples
        this.#context.ledger.dropped(samples, reason)
        this.#metrics.dropped(samples)
        this.#context.env.log.error('samples could not be queued', { reason, samples, error: (error as Error).message })
        return false
      },
    )
    this.#appends.push(appended)
  }

  #remember(batch: MetricsBatch): void {
    for (const [name, metadata] of batch.metadata ?? []) {
      if (this.#families.size < familiesMax || this.#families.has(name)) this.#families.set(name, metadata)
    }
  }

  async #sendMetadata(signal: AbortSignal): Promise<void> {
    const { send, send_interval: intervalMs, max_samples_per_send: familiesPerRequest } = this.#args.metadata_config
    const { clock } = this.#context.env
    if (!send) return
    while (!signal.aborted) {
      await clock.sleep(intervalMs, { signal }).catch(() => {})
      if (signal.aborted || this.#families.size === 0 || this.full) continue
      this.#builder.addMetadata(this.#families, familiesPerRequest)
      this.#gathering ??= this.#gather()
    }
  }

  #showPending(): void {
    this.#metrics.pending(this.pending)
    this.#context.showQueued()
  }
}
