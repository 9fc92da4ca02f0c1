/** Lets a bounded number of jobs run at once, and a bounded number wait. */
export class Gate {
  readonly #runningMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(bounds: { runningMax: number; waitingMax: number }) {
    this.#runningMax = bounds.runningMax
    this.#waitingMax = bounds.waitingMax
  }

  /** Whether one more job would have to be refused. */
  get full(): boolean {
    return this.#waiting.length >= this.#waitingMax
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#runningMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      // The place passes to the next job without becoming free in between.
      if (next) next()
      else this.#running--
    }
  }
}
