/** Passes on what a component says of itself: the first at once, then the latest at most once in an interval. */
export class LatestClaim<T> {
  readonly #intervalMs: number
  readonly #pass: (claim: T) => void
  #pending: { readonly claim: T } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(intervalMs: number, pass: (claim: T) => void) {
    this.#intervalMs = intervalMs
    this.#pass = pass
  }

  tell(claim: T): void {
    if (this.#timer) {
      this.#pending = { claim }
      return
    }
    if (this.#intervalMs > 0) this.#timer = setTimeout(() => this.#next(), this.#intervalMs).unref()
    this.#pass(claim)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pending = undefined
  }

  #next(): void {
    this.#timer = undefined
    const pending = this.#pending
    this.#pending = undefined
    if (pending) this.tell(pending.claim)
  }
}
