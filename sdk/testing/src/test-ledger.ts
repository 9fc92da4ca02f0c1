import type { HostLedger } from '@ingot/sdk/host'

export interface LedgerSnapshot {
  readonly in: number
  readonly created: number
  readonly out: number
  readonly merged: number
  readonly dropped: Readonly<Record<string, number>>
  readonly refused: number
  readonly quarantined: number
  readonly queued: number
}

/** Counts what a component does with records. */
export class TestLedger implements HostLedger {
  #in = 0
  #created = 0
  #out = 0
  #merged = 0
  readonly #dropped: Record<string, number> = {}
  #refused = 0
  #quarantined = 0
  #queued = 0

  received(records: number): void {
    this.#in += records
  }

  refused(records: number): void {
    this.#refused += records
  }

  emitted(records: number): void {
    this.#out += records
  }

  created(records: number): void {
    this.#created += records
  }

  sent(records: number): void {
    this.#out += records
  }

  dropped(records: number, reason: string): void {
    if (records > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + records
  }

  merged(records: number): void {
    this.#merged += records
  }

  quarantined(records: number): void {
    this.#quarantined += records
  }

  queued(records: number): void {
    this.#queued = records
  }

  get snapshot(): LedgerSnapshot {
    return {
      in: this.#in,
      created: this.#created,
      out: this.#out,
      merged: this.#merged,
      dropped: { ...this.#dropped },
      refused: this.#refused,
      quarantined: this.#quarantined,
      queued: this.#queued,
    }
  }

  /** @throws unless `in + created = out + merged + dropped + refused + quarantined + queued`. Call it when no handler runs. */
  balance(): void {
    const counts = this.snapshot
    const came = counts.in + counts.created
    const dropped = Object.values(counts.dropped).reduce((sum, records) => sum + records, 0)
    const accounted = counts.out + counts.merged + dropped + counts.refused + counts.quarantined + counts.queued
    if (came !== accounted)
      throw new Error(
        `Cannot balance the ledger: ${came} records came, ${accounted} are accounted for: ${JSON.stringify(counts)}`,
      )
  }
}
