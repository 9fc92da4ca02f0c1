import { Backoff, redactedUrl, retryAfterMs, type ConfiguredHttpClient } from '@ingot/kits'
import { isCapabilityError, type Clock, type DurableQueue, type Ledger, type Logger, type Random } from '@ingot/sdk'
import { decodeUtf8 } from '@ingot/telemetry'
import type { EndpointArguments } from './arguments.ts'
import type { EndpointMetrics } from './endpoint-metrics.ts'
import { decodeRecord, type RequestRecord } from './request-record.ts'

/** Requests under way at once, however many max_shards allows: more do not make one receiver faster. */
const sendsMax = 16
const answerBytesMax = 64 << 10
const answerShownCharsMax = 256

export interface SenderContext {
  readonly args: EndpointArguments
  readonly keepMs: number
  readonly queue: DurableQueue
  readonly client: ConfiguredHttpClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly ledger: Ledger
  readonly metrics: EndpointMetrics
  /** Called when a request has left the queue. */
  settled(): void
}

/** Sends what the queue holds: requests of one epoch side by side, epochs one after the other. */
export class RequestSender {
  readonly #context: SenderContext
  readonly #running = new Set<Promise<void>>()

  constructor(context: SenderContext) {
    this.#context = context
  }

  /** Runs until the signal fires; what is under way then is sent again at the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, args } = this.#context
    const limit = Math.min(sendsMax, args.queue_config.max_shards)
    let epoch: number | undefined
    try {
      while (!signal.aborted) {
        const { data, sequence, count } = await queue.next(signal)
        const record = this.#decode(data, sequence, count)
        if (!record) continue
        if (record.epoch !== epoch) await Promise.all(this.#running)
        epoch = record.epoch
        while (this.#running.size >= limit) await Promise.race(this.#running)
        const send = this.#send(record, sequence, signal).finally(() => this.#running.delete(send))
        this.#running.add(send)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
    await Promise.all(this.#running)
  }

  #decode(data: Uint8Array, sequence: number, count: number): RequestRecord | undefined {
    try {
      return decodeRecord(data)
    } catch (error) {
      const { ledger, log, queue } = this.#context
      log.error('queued request cannot be read', { error: (error as Error).message, samples: count })
      ledger.quarantined(count)
      queue.acknowledge(sequence)
      return undefined
    }
  }

  async #send(record: RequestRecord, sequence: number, signal: AbortSignal): Promise<void> {
    const { args, clock, random, metrics } = this.#context
    const { min_backoff: minMs, max_backoff: maxMs } = args.queue_config
    const backoff = new Backoff({ minMs, maxMs, random })
    for (;;) {
      const expired = this.#expired(record)
      if (expired !== undefined) return this.#drop(record, sequence, expired, '')
      const answer = await this.#attempt(record, signal, backoff.failures)
      if (signal.aborted) return
      if (answer.kind === 'sent') return this.#sent(record, sequence)
      if (answer.kind === 'rejected') return this.#drop(record, sequence, answer.reason, answer.message)
      metrics.retried(record)
      if (backoff.failures === 0)
        this.#context.log.warn('sending failed, trying again', { url: redactedUrl(args.url), error: answer.message })
      await clock.sleep(backoff.next(answer.retryAfterMs), { signal }).catch(() => {})
      if (signal.aborted) return
    }
  }

  async #attempt(record: RequestRecord, signal: AbortSignal, attempt: number): Promise<Answer> {
    const { args, client, clock, metrics } = this.#context
    const started = clock.monotonic()
    try {
      const { status, headers, body } = await client.request({
        method: 'POST',
        url: args.url,
        headers: {
          'content-encoding': 'snappy',
          'content-type': 'application/x-protobuf',
          'user-agent': 'Ingot/0.1.0',
          'x-prometheus-remote-write-version': '0.1.0',
          ...(attempt > 0 ? { 'retry-attempt': String(attempt) } : {}),
          ...Object.fromEntries(Object.entries(args.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
        },
        body: record.body,
        timeoutMs: args.remote_timeout,
        bodyBytesMax: answerBytesMax,
        signal,
      })
      if (status >= 200 && status < 300) return { kind: 'sent' }
      const message = `server returned HTTP status ${status}: ${this.#shown(body)}`
      const again = status >= 500 || (status === 429 && args.queue_config.retry_on_http_429)
      if (!again) return { kind: 'rejected', reason: `rejected_${status}`, message }
      return { kind: 'again', message, retryAfterMs: retryAfterMs(headers['retry-after'], clock.now()) ?? 0 }
    } catch (error) {
      // An answer that is too long is still an answer, but its status is unknown.
      const denied = isCapabilityError(error, 'denied', 'invalid')
      const { message } = error as Error
      return denied ? { kind: 'rejected', reason: 'denied', message } : { kind: 'again', message, retryAfterMs: 0 }
    } finally {
      metrics.attempted(record, (clock.monotonic() - started) / 1000)
    }
  }

  #shown(body: Uint8Array): string {
    const { args, client } = this.#context
    return client.shown(decodeUtf8(body).trim(), args.url).slice(0, answerShownCharsMax)
  }

  #expired(record: RequestRecord): string | undefined {
    const { args, clock, keepMs } = this.#context
    const now = clock.now()
    const limit = args.queue_config.sample_age_limit
    if (limit > 0 && now - record.newestMs > limit) return 'too_old'
    return now - record.createdMs > keepMs ? 'kept_too_long' : undefined
  }

  #sent(record: RequestRecord, sequence: number): void {
    const { queue, ledger, metrics, settled } = this.#context
    queue.acknowledge(sequence)
    ledger.sent(record.samples)
    metrics.sent(record)
    settled()
  }

  #drop(record: RequestRecord, sequence: number, reason: string, message: string): void {
    const { args, queue, ledger, log, metrics, settled } = this.#context
    queue.acknowledge(sequence)
    ledger.dropped(record.samples, reason)
    metrics.failed(record)
    log.error('samples dropped', { url: redactedUrl(args.url), reason, error: message, samples: record.samples })
    settled()
  }
}

type Answer =
  | { readonly kind: 'sent' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly message: string }
  | { readonly kind: 'again'; readonly message: string; readonly retryAfterMs: number }
