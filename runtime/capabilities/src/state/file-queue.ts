import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CapabilityError, type DurableQueue, type QueuedRecord, type QueueOptions } from '@ingot/sdk'
import type { StoredRecord } from '../segments/segment.ts'
import { SegmentQueue } from '../segments/segment-queue.ts'
import type { Lane } from './store.ts'

/**
 * A durable queue with a directory per lane: this lane's own, which it appends to, and those that former lanes left to
 * it (lane `i` of `n` takes over the lanes `≥ n` with `index % n = i`), which it hands out first and then removes.
 */
export class FileQueue implements DurableQueue {
  readonly #own: SegmentQueue
  #adopted: SegmentQueue[]
  readonly #taken = new Map<number, { readonly queue: SegmentQueue; readonly sequence: number }>()
  readonly #waiting = new Set<() => void>()
  #sequence = 0
  #closed = false
  #discarding: Promise<unknown> = Promise.resolve()

  private constructor(own: SegmentQueue, adopted: SegmentQueue[]) {
    this.#own = own
    this.#adopted = adopted
    own.onReady = () => this.#wake()
  }

  static async open(directory: string, lane: Lane, options: QueueOptions): Promise<FileQueue> {
    const own = await SegmentQueue.open(join(directory, String(lane.index)), options)
    const adopted: SegmentQueue[] = []
    for (const name of (await readdir(directory))
      .filter((one) => /^\d{1,6}$/.test(one))
      .sort((a, b) => Number(a) - Number(b))) {
      const index = Number(name)
      if (index < lane.count || index % lane.count !== lane.index) continue
      adopted.push(await SegmentQueue.open(join(directory, name), options))
    }
    const queue = new FileQueue(own, adopted)
    queue.#discardEmpty()
    await queue.#discarding
    return queue
  }

  append(data: Uint8Array, count: number): Promise<void> {
    return this.#own.append(data, count)
  }

  async next(signal: AbortSignal): Promise<QueuedRecord> {
    for (;;) {
      if (signal.aborted || this.#closed)
        throw new CapabilityError('aborted', 'Cannot wait for a record: the signal fired or the queue is closed')
      for (const queue of [...this.#adopted, this.#own]) {
        const record = queue.take()
        if (record) return this.#handOut(queue, record)
      }
      await this.#ready(signal)
    }
  }

  acknowledge(sequence: number): void {
    const taken = this.#taken.get(sequence)
    if (!taken) return
    this.#taken.delete(sequence)
    taken.queue.acknowledge(taken.sequence)
    if (taken.queue !== this.#own && taken.queue.pending.records === 0) this.#discardEmpty()
  }

  get pending() {
    const sum = { ...this.#own.pending }
    for (const { pending } of this.#adopted) {
      sum.bytes += pending.bytes
      sum.records += pending.records
      sum.count += pending.count
    }
    return sum
  }

  /** Stretches of files that could not be read at opening and were set aside. */
  get unreadable(): number {
    return this.#adopted.reduce((sum, queue) => sum + queue.unreadable, this.#own.unreadable)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake()
    await Promise.all([this.#discarding, this.#own.close(), ...this.#adopted.map((queue) => queue.close())])
  }

  async #handOut(queue: SegmentQueue, record: StoredRecord): Promise<QueuedRecord> {
    const sequence = ++this.#sequence
    this.#taken.set(sequence, { queue, sequence: record.sequence })
    return { sequence, data: await queue.read(record), count: record.count }
  }

  #discardEmpty(): void {
    const empty = this.#adopted.filter((queue) => queue.pending.records === 0)
    this.#adopted = this.#adopted.filter((queue) => queue.pending.records > 0)
    this.#discarding = Promise.all([this.#discarding, ...empty.map((queue) => queue.discard())])
  }

  #ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}
