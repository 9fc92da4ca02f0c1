/** Failures one after the other until nobody is asked, and how long that stays so. */
export interface BreakerBounds {
  readonly failuresMax: number
  readonly openMs: number
}

/** Two failures may be chance; five minutes are short beside a day, for which indexes are good. */
export const breakerDefaults: BreakerBounds = { failuresMax: 2, openMs: 5 * 60_000 }

/** Lets calls to something that fails be answered at once for a while: whoever waits for it holds up others. */
export class CircuitBreaker {
  readonly #bounds: BreakerBounds
  #failures = 0
  #openUntilMs = 0

  constructor(bounds: BreakerBounds) {
    this.#bounds = bounds
  }

  get open(): boolean {
    return performance.now() < this.#openUntilMs
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(): void {
    if (++this.#failures < this.#bounds.failuresMax) return
    // One more failure after the pause opens it again.
    this.#failures = this.#bounds.failuresMax - 1
    this.#openUntilMs = performance.now() + this.#bounds.openMs
  }
}
