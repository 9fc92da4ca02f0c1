interface Turn {
  readonly owner: number
  readonly allowanceMs: number
}

/** Finer than any deadline, coarse enough to cost nothing. */
const tickMs = 25

/**
 * The turns that the runner owes an end to, oldest first: it runs them in that order, so the oldest is the one that
 * runs. Neither its waits for the lane's answers count, nor time in which the lane itself was busy: then the end may
 * lie unread in the socket.
 */
export class TurnClock {
  readonly #onOverdue: (turnMs: number, owner: number) => void
  readonly #isRunning: () => boolean
  #turns: Turn[] = []
  #chargedMs = 0
  #checkedAt = 0
  #paused = false
  #timer: NodeJS.Timeout | undefined

  /** `isRunning`: whether the runner works on these turns now, rather than on those of another instance. */
  constructor(onOverdue: (turnMs: number, owner: number) => void, isRunning: () => boolean) {
    this.#onOverdue = onOverdue
    this.#isRunning = isRunning
  }

  get size(): number {
    return this.#turns.length
  }

  /** The delivery whose turn runs now: 0 for none. */
  get runningOwner(): number {
    return this.#turns[0]?.owner ?? 0
  }

  begin(owner: number, allowanceMs: number): void {
    if (this.#turns.length === 0) this.extend()
    this.#turns.push({ owner, allowanceMs })
    this.#timer ??= setInterval(() => this.#check(), tickMs).unref()
  }

  /** The running turn is over. */
  end(): void {
    this.#turns.shift()
    this.extend()
    if (this.#turns.length === 0) this.#stopTimer()
  }

  /** The runner waits for the lane. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
  }

  /** Gives the running turn its whole allowance. */
  extend(): void {
    this.#chargedMs = 0
    this.#checkedAt = performance.now()
  }

  clear(): void {
    this.#turns = []
    this.#paused = false
    this.#stopTimer()
  }

  #check(): void {
    const now = performance.now()
    const elapsed = now - this.#checkedAt
    this.#checkedAt = now
    const running = this.#turns[0]
    if (!running || this.#paused || !this.#isRunning()) return
    this.#chargedMs += Math.min(elapsed, 2 * tickMs)
    if (this.#chargedMs > running.allowanceMs) this.#onOverdue(this.#chargedMs, running.owner)
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
