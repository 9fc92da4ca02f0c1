import {
  isCapabilityError,
  delivered,
  dropped,
  refused,
  type DurableQueue,
  type Outcome,
  type QueuedRecord,
} from '@ingot/sdk'
import { decodeFrame, encodeFrame, type Batch } from '@ingot/telemetry'
import type { EdgeCells } from '../ledger/edge-cells.ts'
import { sleep } from './edge.ts'
import type { Link } from './link.ts'

const retryMinMs = 50
const retryMaxMs = 5_000
/** A full disk queue is back-pressure: the sender tries again after this. */
const fullRetryMs = 500
/** Closing waits this long for batches that the receiver has: what it has not settled by then is sent again after the next start. */
const drainMsMax = 2_000
/** Batches handed to the receiver and not settled yet: enough for a sink that gathers several before it sends. Their bytes are bounded as well. */
const underWayMax = 64

export interface SpillQueueOptions {
  readonly queue: DurableQueue
  readonly port: string
  readonly cells: EdgeCells
  readonly link: () => Link | undefined
  /** Bound of what is in memory on its way to the receiver; a single larger batch goes alone. */
  readonly memoryBytes: number
  readonly signal: AbortSignal
}

/** An edge's queue on disk: a batch is settled for its sender once it is durable, and delivered from here in order. */
export class SpillQueue {
  readonly #options: SpillQueueOptions
  readonly #pumping: Promise<void>
  #closed = false

  constructor(options: SpillQueueOptions) {
    this.#options = options
    const found = options.queue.pending.count
    if (found > 0) options.cells.add('in', found)
    this.#pumping = this.#pump()
  }

  async append(batch: Batch): Promise<Outcome> {
    try {
      await this.#options.queue.append(encodeFrame(batch), batch.count)
      return delivered
    } catch (error) {
      if (isCapabilityError(error, 'full')) return refused('edge_full', fullRetryMs)
      return refused('edge_io')
    }
  }

  /** Called after the signal has fired. */
  async close(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, drainMsMax).unref())
    await Promise.race([this.#pumping, late])
    this.#closed = true
    await this.#options.queue.close()
  }

  async #pump(): Promise<void> {
    const { queue, signal, memoryBytes } = this.#options
    let bytes = 0
    const underWay = new Set<Promise<void>>()
    while (!signal.aborted) {
      const record = await queue.next(signal).catch(() => undefined)
      if (!record) {
        // A record that cannot be read now stays on disk and does not hold up those behind it.
        await sleep(retryMinMs, signal)
        continue
      }
      const { length } = record.data
      while (underWay.size >= underWayMax || (underWay.size > 0 && bytes + length > memoryBytes))
        await Promise.race(underWay)
      bytes += length
      const one = this.#settle(record).finally(() => {
        bytes -= length
        underWay.delete(one)
      })
      underWay.add(one)
    }
    await Promise.all(underWay)
  }

  async #settle(record: QueuedRecord): Promise<void> {
    const batch = decoded(record)
    const outcome = batch ? await this.#deliver(batch) : dropped('unreadable')
    if (outcome.status === 'refused' || this.#closed) return
    this.#options.queue.acknowledge(record.sequence)
    this.#options.cells.add(outcome.status, record.count)
  }

  async #deliver(batch: Batch): Promise<Outcome> {
    const { link, port, signal } = this.#options
    for (let pause = retryMinMs; ; pause = Math.min(pause * 2, retryMaxMs)) {
      const outcome = (await link()?.deliver(port, batch)) ?? refused('receiver not running')
      if (outcome.status !== 'refused' || signal.aborted) return outcome
      await sleep(outcome.retryAfterMs ?? pause, signal)
    }
  }
}

/** `undefined` for what is no batch of this version: it never will be. */
function decoded({ data }: QueuedRecord): Batch | undefined {
  try {
    return decodeFrame(data)
  } catch {
    return undefined
  }
}
