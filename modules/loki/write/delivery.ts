/** The fate of one incoming batch at one endpoint, put together from the requests that its entries went into. */
export interface Fate {
  readonly sent: number
  readonly dropped: number
  /** Reason of the last drop. */
  readonly reason: string
  /** Entries that were not taken, because the component stops. */
  readonly refused: number
}

export class Delivery {
  #left: number
  #sent = 0
  #dropped = 0
  #refused = 0
  #reason = ''
  readonly #settle: (fate: Fate) => void

  constructor(entries: number, settle: (fate: Fate) => void) {
    this.#left = entries
    this.#settle = settle
  }

  sent(entries: number): void {
    this.#sent += entries
    this.#take(entries)
  }

  dropped(entries: number, reason: string): void {
    this.#dropped += entries
    this.#reason = reason
    this.#take(entries)
  }

  refused(entries: number): void {
    this.#refused += entries
    this.#take(entries)
  }

  #take(entries: number): void {
    this.#left -= entries
    if (this.#left > 0) return
    this.#settle({ sent: this.#sent, dropped: this.#dropped, refused: this.#refused, reason: this.#reason })
  }
}
