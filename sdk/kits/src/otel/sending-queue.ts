import { dropped, refused, type Outcome } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'

export type QueueSizer = 'requests' | 'items' | 'bytes'

export interface SendingQueueOptions {
  /** Batches sent at once. */
  readonly consumers: number
  /** Waiting and under way, in the units of `sizer`. */
  readonly capacity: number
  readonly sizer: QueueSizer
  readonly blockOnOverflow: boolean
  /** Should not fail; if it does, the batch is refused. */
  send(batch: OtelBatch): Promise<Outcome>
  onSize(size: number): void
  onDropped(records: number, reason: string): void
}

/** Bytes held whatever the sizer: queues that count requests must not grow with the size of requests. */
const bytesMax = 256 * 2 ** 20

interface Waiting {
  readonly batch: OtelBatch
  readonly settle: (outcome: Outcome) => void
}

/** Batches that wait for one of the consumers, in memory: each is settled with the outcome of its own sending. */
export class SendingQueue {
  readonly #options: SendingQueueOptions
  readonly #queue: Waiting[] = []
  /** Batches that do not fit yet, first come first served. Bounded by the edge that brings them. */
  readonly #blocked: Waiting[] = []
  #sending = 0
  #size = 0
  #bytes = 0
  #stopped = false

  constructor(options: SendingQueueOptions) {
    this.#options = options
  }

  offer(batch: OtelBatch): Promise<Outcome> {
    if (this.#stopped) return Promise.resolve(refused('stopped'))
    const { capacity, blockOnOverflow, onDropped } = this.#options
    if (this.#sizeOf(batch) > capacity || batch.bytes.length > bytesMax) {
      onDropped(batch.count, 'larger_than_queue')
      return Promise.resolve(dropped('larger_than_queue'))
    }
    const fits = this.#blocked.length === 0 && this.#fits(batch)
    if (!fits && !blockOnOverflow) return Promise.resolve(refused('queue_full', 1000))
    return new Promise((settle) => {
      if (fits) this.#admit({ batch, settle })
      else this.#blocked.push({ batch, settle })
    })
  }

  /** Refuses what waits: it is its sender's again. What is under way settles by itself. */
  stop(): void {
    this.#stopped = true
    for (const { settle } of this.#blocked.splice(0)) settle(refused('stopped'))
    for (const waiting of this.#queue.splice(0)) {
      this.#release(waiting.batch)
      waiting.settle(refused('stopped'))
    }
  }

  #admit(waiting: Waiting): void {
    this.#size += this.#sizeOf(waiting.batch)
    this.#bytes += waiting.batch.bytes.length
    this.#queue.push(waiting)
    this.#options.onSize(this.#size)
    this.#next()
  }

  #next(): void {
    while (this.#sending < this.#options.consumers && this.#queue.length > 0) {
      this.#sending++
      void this.#consume(this.#queue.shift()!)
    }
  }

  async #consume({ batch, settle }: Waiting): Promise<void> {
    const outcome = await this.#options.send(batch).catch(() => refused('error'))
    this.#sending--
    this.#release(batch)
    settle(outcome)
    while (this.#blocked.length > 0 && this.#fits(this.#blocked[0]!.batch)) this.#admit(this.#blocked.shift()!)
    this.#next()
  }

  #release(batch: OtelBatch): void {
    this.#size -= this.#sizeOf(batch)
    this.#bytes -= batch.bytes.length
    this.#options.onSize(this.#size)
  }

  #fits(batch: OtelBatch): boolean {
    return this.#size + this.#sizeOf(batch) <= this.#options.capacity && this.#bytes + batch.bytes.length <= bytesMax
  }

  #sizeOf(batch: OtelBatch): number {
    const { sizer } = this.#options
    return sizer === 'requests' ? 1 : sizer === 'items' ? batch.count : batch.bytes.length
  }
}
