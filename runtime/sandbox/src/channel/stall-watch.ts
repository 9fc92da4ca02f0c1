/** Looks within a deadline: fine enough to notice a stall soon after it. */
const looksPerDeadline = 4

/** Notices a component that has work and neither works nor waits for anything of the host: it never will end it. */
export class StallWatch {
  readonly #deadlineMs: number
  readonly #look: () => 'idle' | 'busy' | 'quiet'
  readonly #onStalled: () => void
  #quietSince = 0
  #timer: NodeJS.Timeout | undefined

  /** `look`: nothing is under way (`idle`), something happens or will (`busy`), or neither. */
  constructor(deadlineMs: number, look: () => 'idle' | 'busy' | 'quiet', onStalled: () => void) {
    this.#deadlineMs = deadlineMs
    this.#look = look
    this.#onStalled = onStalled
  }

  /** There is work. */
  begin(): void {
    this.moved()
    this.#timer ??= setInterval(() => this.#check(), this.#deadlineMs / looksPerDeadline).unref()
  }

  /** Something happened. */
  moved(): void {
    this.#quietSince = performance.now()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #check(): void {
    const state = this.#look()
    if (state === 'idle') this.stop()
    else if (state === 'busy') this.moved()
    else if (performance.now() - this.#quietSince >= this.#deadlineMs) this.#onStalled()
  }
}
