import type { Random } from '@ingot/sdk'

export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
  readonly random: Random
}

/** Growing waits between attempts, with jitter so that many clients of one server spread out. */
export class Backoff {
  readonly #options: BackoffOptions
  #nextMs: number
  /** Attempts that have failed since the last reset. */
  failures = 0

  constructor(options: BackoffOptions) {
    this.#options = options
    this.#nextMs = options.minMs
  }

  /** Milliseconds to wait before the next attempt: doubles from call to call, and is at least what the server asked for. */
  next(retryAfterMs = 0): number {
    const { minMs, maxMs, random } = this.#options
    const base = Math.min(this.#nextMs, maxMs)
    this.#nextMs = Math.min(Math.max(this.#nextMs, minMs) * 2, maxMs)
    this.failures++
    return Math.max(base * (0.5 + random.float() / 2), retryAfterMs)
  }

  reset(): void {
    this.#nextMs = this.#options.minMs
    this.failures = 0
  }
}
