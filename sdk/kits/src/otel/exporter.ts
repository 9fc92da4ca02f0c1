import { delivered, dropped, refused, type AlwaysEnv, type ComponentContext, type Env, type Outcome } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'
import type { z } from 'zod'
import { OtelBatcher } from './batcher.ts'
import type { retryBlock, sendingQueueBlock } from './exporter-blocks.ts'
import { exporterMetrics, type ExporterMetrics } from './exporter-metrics.ts'
import { within } from './within.ts'
import { sendWithRetry, type Attempt } from './retry.ts'
import { SendingQueue } from './sending-queue.ts'

/** How the remote answered one request. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'permanent'; readonly reason: string; readonly message: string }
  | { readonly kind: 'retryable'; readonly message: string; readonly retryAfterMs?: number }

export interface ExporterSetup {
  readonly retry: z.output<ReturnType<typeof retryBlock>>
  readonly queue: z.output<ReturnType<typeof sendingQueueBlock>>
  /** One request. `signal` fires when it has to end. */
  send(batch: OtelBatch, signal: AbortSignal): Promise<SendResult>
}

type ExporterContext = Pick<ComponentContext<never, never, never>, 'signal' | 'ledger'> & {
  readonly env: AlwaysEnv & Env<'clock' | 'random'>
}

/** Bytes that the queue's own batching may hold. */
const batchBytesMax = 64 * 2 ** 20
/** When the component stops, requests that are under way have so long to end: what they carry may have arrived. */
const stopGraceMs = 1500

/**
 * What exporters share: queue, batching, retries, and the counting of what the remote took. Each batch is settled with
 * what became of it at the remote, whether a queue is in between or not.
 */
export class OtelExporter {
  readonly #context: ExporterContext
  readonly #setup: ExporterSetup
  readonly #metrics: ExporterMetrics
  readonly #requests = new AbortController()
  readonly #sending = new Set<Promise<Outcome>>()
  readonly #queue: SendingQueue | undefined
  /** Behind the queue's own batching: sends what comes out of it. */
  readonly #sender: SendingQueue | undefined
  readonly #batchers = new Map<OtelBatch['type'], OtelBatcher>()

  constructor(context: ExporterContext, setup: ExporterSetup) {
    const { queue } = setup
    const onDropped = (records: number, reason: string): void => context.ledger.dropped(records, reason)
    this.#context = context
    this.#setup = setup
    this.#metrics = exporterMetrics(context.env.metrics, queue.enabled ? queue.queue_size : 0)
    if (!queue.enabled) return
    const consumers = {
      consumers: queue.num_consumers,
      blockOnOverflow: queue.block_on_overflow,
      send: (batch: OtelBatch) => this.#send(batch),
      onDropped,
    }
    // With a batch block all that waits may be regrouped, and the consumers take what comes out.
    this.#sender = queue.batch
      ? new SendingQueue({ ...consumers, capacity: Infinity, sizer: 'requests', onSize: () => {} })
      : undefined
    const send = this.#sender ? (batch: OtelBatch) => this.#batch(batch) : consumers.send
    this.#queue = new SendingQueue({
      ...consumers,
      consumers: queue.batch ? Infinity : queue.num_consumers,
      capacity: queue.queue_size,
      sizer: queue.sizer,
      send,
      onSize: (size) => this.#metrics.queueSize.set(size),
    })
  }

  handle(batch: OtelBatch): Promise<Outcome> {
    if (batch.count === 0) return Promise.resolve(delivered)
    return this.#queue ? this.#queue.offer(batch) : this.#send(batch)
  }

  /** Refuses what waits, and lets requests that are under way end; after a while they are cut off. */
  async stop(): Promise<void> {
    this.#queue?.stop()
    this.#sender?.stop()
    const regrouped = Promise.all([...this.#batchers.values()].map((batcher) => batcher.stop()))
    const ended = Promise.all([regrouped, ...this.#sending])
    await within(ended, stopGraceMs, this.#context.env.clock)
    this.#requests.abort()
  }

  /** The `batch` block of the queue. */
  #batch(batch: OtelBatch): Promise<Outcome> {
    const batcher = this.#batchers.get(batch.type) ?? this.#newBatcher(batch.type)
    return batcher.add(batch)
  }

  #newBatcher(signal: OtelBatch['type']): OtelBatcher {
    const options = this.#setup.queue.batch!
    const batcher = new OtelBatcher({
      timeoutMs: options.flush_timeout,
      sizeMin: options.min_size,
      sizeMax: options.max_size,
      bytesMax: batchBytesMax,
      clock: this.#context.env.clock,
      emit: (merged) => this.#sender!.offer(merged),
      onDropped: (records, reason) => this.#context.ledger.dropped(records, reason),
    })
    this.#batchers.set(signal, batcher)
    return batcher
  }

  #send(batch: OtelBatch): Promise<Outcome> {
    const sending = this.#sendUntilSettled(batch)
      .catch((error: unknown) => {
        this.#context.env.log.error('export failed in the component', { error: String(error) })
        return refused('error')
      })
      .finally(() => this.#sending.delete(sending))
    this.#sending.add(sending)
    return sending
  }

  #sendUntilSettled(batch: OtelBatch): Promise<Outcome> {
    const { env, signal, ledger } = this.#context
    const log = (failure: string, waitMs: number | undefined): void => {
      if (waitMs === undefined) env.log.error('export failed', { error: failure, records: batch.count })
      else env.log.warn('export failed, will be tried again', { error: failure, wait_ms: Math.round(waitMs) })
    }
    return sendWithRetry(
      this.#setup.retry,
      env,
      signal,
      () => this.#attempt(batch),
      log,
      () => {
        ledger.dropped(batch.count, 'retries_exhausted')
        this.#metrics.failed(batch.type, batch.count)
        return dropped('retries_exhausted')
      },
    )
  }

  async #attempt(batch: OtelBatch): Promise<Attempt> {
    const { env, ledger } = this.#context
    const result = await this.#setup.send(batch, this.#requests.signal)
    if (result.kind === 'retryable') {
      const { message: failure, retryAfterMs } = result
      return retryAfterMs === undefined ? { failure } : { failure, retryAfterMs }
    }
    if (result.kind === 'permanent') {
      env.log.error('export failed for good', { error: result.message, records: batch.count })
      ledger.dropped(batch.count, result.reason)
      this.#metrics.failed(batch.type, batch.count)
      return { outcome: dropped(result.reason) }
    }
    const rejected = Math.min(result.rejected, batch.count)
    if (result.message !== '') env.log.warn('remote accepted in part', { message: result.message, rejected })
    ledger.sent(batch.count - rejected)
    this.#metrics.sent(batch.type, batch.count - rejected)
    if (rejected === 0) return { outcome: delivered }
    ledger.dropped(rejected, 'rejected_by_remote')
    this.#metrics.failed(batch.type, rejected)
    return { outcome: dropped('rejected_by_remote') }
  }
}
