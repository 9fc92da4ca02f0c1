import { isCapabilityError, type DurableQueue, type Env } from '@ingot/sdk'
import { decodeLogsFrame, encodeLogsFrame, type LogsBatch } from '@ingot/telemetry'
import type { Fate } from './delivery.ts'
import type { Endpoint } from './endpoint.ts'
import type { WriteCapability } from './sender.ts'

/** Bytes that an endpoint's queue may take on disk; a full one refuses batches. */
const queueBytesMax = 10 * 2 ** 30
/** Batches that are read from the queue and not yet sent. */
const readAheadMax = 16

export interface DiskQueueOptions {
  readonly name: string
  readonly env: Env<WriteCapability>
  readonly endpoint: Endpoint
  readonly signal: AbortSignal
  readonly quarantined: (entries: number) => void
  /** The number of pending entries has changed. */
  readonly changed: () => void
}

/** The queue on disk before an endpoint: a batch is settled when it is durable. */
export class DiskQueue {
  readonly #options: DiskQueueOptions
  readonly #queue: DurableQueue
  #running: Promise<void> = Promise.resolve()
  #reading = 0
  #wake: () => void = () => undefined

  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    return new DiskQueue(options, await options.env.state.queue(options.name, { bytesMax: queueBytesMax }))
  }

  private constructor(options: DiskQueueOptions, queue: DurableQueue) {
    this.#options = options
    this.#queue = queue
  }

  /** Entries that are on disk and not sent. */
  get pending(): number {
    return this.#queue.pending.count
  }

  async deliver(batch: LogsBatch): Promise<Fate> {
    try {
      await this.#queue.append(encodeLogsFrame(batch), batch.count)
    } catch (error) {
      if (!isCapabilityError(error, 'full')) throw error
      return { sent: 0, dropped: 0, refused: batch.count, reason: 'queue_is_full' }
    }
    this.#options.changed()
    return { sent: batch.count, dropped: 0, refused: 0, reason: '' }
  }

  /** Begins to send what is in the queue. */
  start(): void {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    await this.#running
    await this.#queue.close()
  }

  async #run(): Promise<void> {
    const { signal, env } = this.#options
    try {
      while (!signal.aborted) {
        if (this.#reading >= readAheadMax) await new Promise<void>((resolve) => (this.#wake = resolve))
        const record = await this.#queue.next(signal)
        this.#reading++
        void this.#sendRecord(record.data, record.sequence, record.count)
      }
    } catch (error) {
      if (!signal.aborted) env.log.error('queue cannot be read', { queue: this.#options.name, error: String(error) })
    }
  }

  /** A record that is intact on disk and yet no batch cannot be sent now or later: it is counted and left out. */
  #decode(data: Uint8Array, count: number): LogsBatch | undefined {
    try {
      return decodeLogsFrame(data)
    } catch (error) {
      const { env, name, quarantined } = this.#options
      env.log.error('record of the queue cannot be read', { queue: name, entries: count, error: String(error) })
      quarantined(count)
      return undefined
    }
  }

  async #sendRecord(data: Uint8Array, sequence: number, count: number): Promise<void> {
    const { endpoint, changed } = this.#options
    const batch = this.#decode(data, count)
    const fate = batch && (await endpoint.deliver(batch))
    // What was refused because the component stops stays in the queue, and is sent after the next start.
    if (!fate || fate.refused === 0) this.#queue.acknowledge(sequence)
    this.#reading--
    changed()
    this.#wake()
  }
}
