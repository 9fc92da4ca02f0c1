import { delivered, dropped, refused, type Outcome } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import type { EdgeCells } from '../ledger/edge-cells.ts'
import type { EdgePolicy } from './edge-policy.ts'
import { batchBytes, type Link } from './link.ts'
import type { SpillQueue } from './spill-queue.ts'

/** Bounds of the pause before a refused batch is tried again where the edge itself must not give it back. */
const retryMinMs = 50
const retryMaxMs = 5_000

export interface EdgeOptions {
  readonly port: string
  readonly policy: EdgePolicy
  readonly cells: EdgeCells
  /** Looked up for every batch: the receiver may move to another room. */
  readonly link: () => Link | undefined
  /** Present exactly for the policy `spill`. */
  readonly spill?: SpillQueue
  readonly signal: AbortSignal
}

interface Waiting {
  readonly batch: Batch
  readonly bytes: number
  readonly settle: (outcome: Outcome) => void
}

/**
 * One sender's way to one receiver: bounds what is under way, applies the edge's policy, counts every record's fate.
 * Batches are handed over in order; several may be under way at once.
 */
export class Edge {
  readonly #options: EdgeOptions
  readonly #waiting: Waiting[] = []
  #bytesUnderWay = 0

  constructor(options: EdgeOptions) {
    this.#options = options
  }

  async send(batch: Batch): Promise<Outcome> {
    const { cells, spill } = this.#options
    cells.add('in', batch.count)
    cells.add('bytes', batchBytes(batch))
    cells.add('batches', 1)
    const outcome = spill ? await spill.append(batch) : await this.#enqueue(batch)
    if (!spill || outcome.status !== 'delivered') count(cells, batch, outcome)
    return outcome
  }

  /** Like {@link send}, but keeps trying after a refusal: for outputs with several receivers, where giving a batch back would send it twice to the others. */
  async sendUntilSettled(batch: Batch): Promise<Outcome> {
    let pause = retryMinMs
    for (;;) {
      const outcome = await this.send(batch)
      if (outcome.status !== 'refused' || this.#options.signal.aborted) return outcome
      await sleep(outcome.retryAfterMs ?? pause, this.#options.signal)
      pause = Math.min(pause * 2, retryMaxMs)
    }
  }

  #enqueue(batch: Batch): Promise<Outcome> {
    const bytes = batchBytes(batch)
    return new Promise((settle) => {
      this.#waiting.push({ batch, bytes, settle })
      if (this.#options.policy.policy === 'drop_oldest') this.#dropOldest()
      this.#advance()
    })
  }

  /** Starts what fits into the bound; a single batch larger than the bound goes alone. */
  #advance(): void {
    const { memoryBytes } = this.#options.policy
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!
      if (this.#bytesUnderWay > 0 && this.#bytesUnderWay + next.bytes > memoryBytes) return
      this.#waiting.shift()
      this.#bytesUnderWay += next.bytes
      void this.#deliver(next)
    }
  }

  async #deliver({ batch, bytes, settle }: Waiting): Promise<void> {
    const link = this.#options.link()
    const outcome = link ? await link.deliver(this.#options.port, batch) : refused('receiver not running', retryMinMs)
    this.#bytesUnderWay -= bytes
    settle(outcome)
    this.#advance()
  }

  #dropOldest(): void {
    let bytes = this.#waiting.reduce((sum, entry) => sum + entry.bytes, 0)
    while (this.#waiting.length > 1 && bytes > this.#options.policy.memoryBytes) {
      const oldest = this.#waiting.shift()!
      bytes -= oldest.bytes
      oldest.settle(dropped('edge_overflow'))
    }
  }
}

function count(cells: EdgeCells, batch: Batch, outcome: Outcome): void {
  cells.add(outcome.status, batch.count)
}

/** Settles as all branches did: refused if any is still the sender's, dropped if any lost it. */
export function mergeOutcomes(outcomes: readonly Outcome[]): Outcome {
  const worst = (status: Outcome['status']) => outcomes.find((outcome) => outcome.status === status)
  return worst('refused') ?? worst('dropped') ?? delivered
}

export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
