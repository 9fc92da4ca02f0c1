import { CapabilityError, type DurableQueue, type QueuedRecord, type QueueOptions, type State } from '@ingot/sdk'

/** State that outlives the component instance, but not the test. */
export class FakeState implements State {
  readonly values = new Map<string, string>()
  readonly #queues = new Map<string, FakeQueue>()

  get(key: string): string | undefined {
    return this.values.get(key)
  }

  keys(): readonly string[] {
    return [...this.values.keys()]
  }

  async set(key: string, value: string): Promise<void> {
    this.values.set(key, value)
  }

  async delete(key: string): Promise<void> {
    this.values.delete(key)
  }

  async queue(name: string, options: QueueOptions): Promise<DurableQueue> {
    const queue = this.#queues.get(name) ?? new FakeQueue()
    this.#queues.set(name, queue)
    queue.reopen(options)
    return queue
  }
}

/** After it was opened again, records that were handed out but not acknowledged come again. */
class FakeQueue implements DurableQueue {
  #records: QueuedRecord[] = []
  #handedOut = new Set<number>()
  #waiting: (() => void)[] = []
  #sequence = 0
  #bytesMax = 0

  reopen(options: QueueOptions): void {
    this.#bytesMax = options.bytesMax
    this.#handedOut = new Set()
  }

  async append(data: Uint8Array, count: number): Promise<void> {
    if (this.pending.bytes + data.length > this.#bytesMax)
      throw new CapabilityError('full', `Cannot append: the queue holds at most ${this.#bytesMax} bytes`)
    this.#records.push({ sequence: ++this.#sequence, data: Uint8Array.from(data), count })
    this.#wake()
  }

  async next(signal: AbortSignal): Promise<QueuedRecord> {
    for (;;) {
      if (signal.aborted) throw new CapabilityError('aborted', 'Cannot wait for a record: the signal fired')
      const record = this.#records.find((one) => !this.#handedOut.has(one.sequence))
      if (record) {
        this.#handedOut.add(record.sequence)
        return record
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  acknowledge(sequence: number): void {
    this.#records = this.#records.filter((one) => one.sequence !== sequence)
  }

  get pending() {
    let bytes = 0
    let count = 0
    for (const record of this.#records) {
      bytes += record.data.length
      count += record.count
    }
    return { bytes, records: this.#records.length, count }
  }

  async close(): Promise<void> {
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
