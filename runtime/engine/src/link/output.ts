import { delivered, type Outcome } from '@ingot/sdk'
import type { HostLedger } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'
import { mergeOutcomes, type Edge } from './edge.ts'

/** A component's output: its edges, and the count of what went out. Rewired in place when arguments change. */
export class WiredOutput {
  readonly #ledger: HostLedger
  #edges: readonly Edge[] = []

  constructor(ledger: HostLedger) {
    this.#ledger = ledger
  }

  get receivers(): number {
    return this.#edges.length
  }

  rewire(edges: readonly Edge[]): void {
    this.#edges = edges
  }

  async emit(batch: Batch): Promise<Outcome> {
    const outcome = await this.#send(batch)
    if (outcome.status !== 'refused') this.#ledger.emitted(batch.count)
    return outcome
  }

  async #send(batch: Batch): Promise<Outcome> {
    if (batch.count === 0 || this.#edges.length === 0) return delivered
    if (this.#edges.length === 1) return this.#edges[0]!.send(batch)
    return mergeOutcomes(await Promise.all(this.#edges.map((edge) => edge.sendUntilSettled(batch))))
  }
}
