import { CapabilityError, type Clock } from '@ingot/sdk'
import { settle } from './settle.ts'

interface Sleeper {
  readonly at: number
  readonly order: number
  wake(): void
}

/** Time that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now: number
  #monotonic = 0
  #order = 0
  readonly #sleepers = new Set<Sleeper>()

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
    const signal = options?.signal
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#sleepers.delete(sleeper)
        reject(new CapabilityError('aborted', 'Cannot go on sleeping: the signal fired'))
      }
      const sleeper: Sleeper = {
        at: this.#monotonic + Math.max(0, ms),
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      if (signal?.aborted) {
        onAbort()
        return
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** How many sleeps have not ended. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  /** Milliseconds until the next sleep ends; `undefined` when nobody sleeps. */
  get nextWakeMs(): number | undefined {
    const first = this.#first()
    return first && first.at - this.#monotonic
  }

  /** Moves time, waking sleepers one after the other as it passes their moments, and lets each do its work. */
  async advance(ms: number): Promise<void> {
    await settle()
    const end = this.#monotonic + ms
    for (let next = this.#first(); next && next.at <= end; next = this.#first()) {
      this.#moveTo(next.at)
      this.#sleepers.delete(next)
      next.wake()
      await settle()
    }
    this.#moveTo(end)
    await settle()
  }

  /** Sets the time of day, as an operator or NTP would: sleeps are not touched. */
  setTime(now: number): void {
    this.#now = now
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }

  #first(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const one of this.#sleepers) {
      if (!first || one.at < first.at || (one.at === first.at && one.order < first.order)) first = one
    }
    return first
  }
}
