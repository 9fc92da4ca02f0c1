import { isCapabilityError, delivered, dropped, refused, type Clock, type Outcome } from '@ingot/sdk'
import { mergeOtel, splitOtel, type OtelBatch } from '@ingot/telemetry'

export interface BatcherOptions {
  /** How long a record may wait for others. 0 sends at once. */
  readonly timeoutMs: number
  /** Sends as soon as so many records wait. 0 sends at once. */
  readonly sizeMin: number
  /** Largest batch sent, in records; larger ones are cut. 0 for no limit. */
  readonly sizeMax: number
  /** Bytes held, waiting and under way; beyond it `add` waits. */
  readonly bytesMax: number
  readonly clock: Clock
  emit(batch: OtelBatch, trigger: BatchTrigger): Promise<Outcome>
  /** Called when records are given up: only at the end, and only of batches that were sent in part. */
  onDropped(records: number, reason: string): void
}
export type BatchTrigger = 'size' | 'timeout'

/** Wait before the refused part of a batch is sent again, where the refusal names no time. */
const retryMs = 1000

/** What was added, until all of its parts have been settled. */
interface Entry {
  readonly settle: (outcome: Outcome) => void
  /** Parts that wait or are under way. */
  open: number
  /** Whether a part of it has come to its end: then it cannot be refused as a whole any more. */
  begun: boolean
  dropReason: string | undefined
  readonly refused: Part[]
}
/** All of an entry's records, or those that go into one output batch. */
interface Part {
  readonly entry: Entry
  readonly batch: OtelBatch
}

/**
 * Regroups the batches of one signal into larger or smaller ones. Each batch that comes in is settled with the outcome
 * of the batches that its records went out in: delivered when all were, dropped when one was, refused when all were.
 * Where only some were refused, those records stay and are sent again.
 */
export class OtelBatcher {
  readonly #options: BatcherOptions
  readonly #waiting: Part[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #waitingRecords = 0
  #heldBytes = 0
  #roomWaiters: (() => void)[] = []
  #timerRuns = false
  /** When the oldest part that waits must go. */
  #deadline = 0

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  async add(batch: OtelBatch): Promise<Outcome> {
    if (batch.count === 0) return delivered
    const bytes = batch.bytes.length
    while (this.#heldBytes > 0 && this.#heldBytes + bytes > this.#options.bytesMax) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    }
    if (this.#stop.signal.aborted) return refused('stopped')
    this.#heldBytes += bytes
    const outcome = await new Promise<Outcome>((settle) => {
      const entry: Entry = { settle, open: 1, begun: false, dropReason: undefined, refused: [] }
      this.#wait({ entry, batch })
    })
    this.#heldBytes -= bytes
    this.#wakeRoomWaiters()
    return outcome
  }

  /** Sends what waits and resolves when all is settled. Nothing is accepted any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wakeRoomWaiters()
    this.#send('timeout', true)
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #wait(part: Part): void {
    const { timeoutMs, clock } = this.#options
    if (this.#waiting.length === 0) this.#deadline = clock.monotonic() + timeoutMs
    this.#waiting.push(part)
    this.#waitingRecords += part.batch.count
    this.#send('size', timeoutMs === 0)
    if (this.#waiting.length > 0 && !this.#timerRuns) this.#track(this.#timer())
  }

  /** One timer runs while anything waits. It is never cancelled early: a flush by size only moves the deadline. */
  async #timer(): Promise<void> {
    const { clock } = this.#options
    this.#timerRuns = true
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const left = this.#deadline - clock.monotonic()
      if (left > 0) await sleepUnlessStopped(clock, left, this.#stop.signal)
      else this.#send('timeout', true)
    }
    this.#timerRuns = false
  }

  #send(trigger: BatchTrigger, all: boolean): void {
    const { sizeMin, timeoutMs, clock } = this.#options
    const enough = all ? 0 : sizeMin
    while (this.#waiting.length > 0 && this.#waitingRecords >= enough) {
      const parts = this.#take()
      this.#deadline = clock.monotonic() + timeoutMs
      this.#track(this.#emit(parts, trigger))
    }
  }

  /** The parts of the next output batch, in order; the last of them is cut where it does not fit. */
  #take(): Part[] {
    const { sizeMax } = this.#options
    const parts: Part[] = []
    let room = sizeMax === 0 ? Number.POSITIVE_INFINITY : sizeMax
    while (this.#waiting.length > 0 && room > 0) {
      const part = this.#waiting[0]!
      const { count } = part.batch
      if (count <= room) {
        this.#waiting.shift()
        parts.push(part)
        room -= count
      } else {
        const [head, rest] = splitOtel(part.batch, count, room)
        parts.push({ entry: part.entry, batch: head! })
        this.#waiting[0] = { entry: part.entry, batch: rest! }
        part.entry.open++
        room = 0
      }
    }
    for (const part of parts) this.#waitingRecords -= part.batch.count
    return parts
  }

  async #emit(parts: readonly Part[], trigger: BatchTrigger): Promise<void> {
    const merged = mergeOtel(parts.map((part) => part.batch))
    const outcome = await this.#options.emit(merged, trigger).catch(() => refused('error'))
    for (const part of parts) this.#settle(part, outcome)
  }

  #settle(part: Part, outcome: Outcome): void {
    const { entry } = part
    entry.open--
    if (outcome.status === 'refused') entry.refused.push(part)
    else entry.begun = true
    if (outcome.status === 'dropped') entry.dropReason = outcome.reason
    if (entry.open > 0) return
    if (entry.refused.length === 0) entry.settle(entry.dropReason === undefined ? delivered : dropped(entry.dropReason))
    else if (outcome.status === 'refused' && !entry.begun) entry.settle(outcome)
    else this.#sendAgain(entry, outcome.status === 'refused' ? outcome.retryAfterMs : undefined)
  }

  /** Some records of the entry have gone and some were refused: these are ours to send until they have an outcome. */
  #sendAgain(entry: Entry, retryAfterMs = retryMs): void {
    const parts = entry.refused.splice(0)
    entry.open = parts.length
    const { clock, onDropped } = this.#options
    const again = async () => {
      await sleepUnlessStopped(clock, retryAfterMs, this.#stop.signal)
      for (const part of parts) {
        if (this.#stop.signal.aborted) {
          onDropped(part.batch.count, 'stopped')
          this.#settle(part, dropped('stopped'))
        } else this.#wait(part)
      }
    }
    this.#track(again())
  }

  #wakeRoomWaiters(): void {
    const waiters = this.#roomWaiters
    this.#roomWaiters = []
    for (const wake of waiters) wake()
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }
}

async function sleepUnlessStopped(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, { signal })
  } catch (error) {
    if (!isCapabilityError(error, 'aborted')) throw error
  }
}
