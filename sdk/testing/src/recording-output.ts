import { delivered, type Outcome, type Output } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import { until } from './settle.ts'

export type OutcomeScript = Outcome | ((batch: Batch) => Outcome | Promise<Outcome>)

/** Where a component under test emits to. */
export class RecordingOutput<B extends Batch = Batch> implements Output<B> {
  /** Everything that was emitted, refused batches included. */
  readonly batches: B[] = []
  /** What becomes of the next batches: `delivered` at first. A function may wait, as a full queue does. */
  outcome: OutcomeScript = delivered
  receivers = 1
  readonly #onEmitted: (records: number) => void
  #taken = 0

  constructor(onEmitted: (records: number) => void) {
    this.#onEmitted = onEmitted
  }

  async emit(batch: B): Promise<Outcome> {
    this.batches.push(batch)
    const outcome = typeof this.outcome === 'function' ? await this.outcome(batch) : this.outcome
    if (outcome.status !== 'refused') this.#onEmitted(batch.count)
    return outcome
  }

  /** The first batch that was not taken yet; waits for it. */
  async next(): Promise<B> {
    await until(() => this.batches.length > this.#taken, 'a batch at the output')
    return this.batches[this.#taken++]!
  }

  /** Records in all batches. */
  get count(): number {
    let count = 0
    for (const batch of this.batches) count += batch.count
    return count
  }
}
