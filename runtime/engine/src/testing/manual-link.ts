import type { Outcome } from '@ingot/sdk'
import type { LogsBatch } from '@ingot/telemetry'
import type { Link } from '../link/link.ts'
import { linesOf } from './logs-batch.ts'

/** A receiver whose batches the test settles itself, one by one and in any order. */
export class ManualLink implements Link {
  /** Lines of every batch that was handed over, those that came again included. */
  readonly received: string[][] = []
  readonly #open: ((outcome: Outcome) => void)[] = []

  deliver(_port: string, batch: LogsBatch): Promise<Outcome> {
    this.received.push(linesOf(batch))
    return new Promise((resolve) => this.#open.push(resolve))
  }

  get underWay(): number {
    return this.#open.length
  }

  /** Settles the oldest batch that is under way, and lets what waits for it go on. */
  async settle(outcome: Outcome): Promise<void> {
    this.#open.shift()!(outcome)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
