import type { Limits } from '../limits.ts'

const firstDelayMs = 100
const delayMaxMs = 30_000
const jitter = 0.2

type Fault = 'kill' | 'isolate'

/** What an instance's past says about starting it again: back-off after hard kills, quarantine after too many. */
export class RestartPolicy {
  readonly #limits: Limits
  readonly #now: () => number
  readonly #random: () => number
  #faults: { readonly at: number; readonly fault: Fault }[] = []
  #quarantined: string | undefined

  constructor(limits: Limits, now: () => number = () => performance.now(), random: () => number = Math.random) {
    this.#limits = limits
    this.#now = now
    this.#random = random
  }

  /** Why the module is quarantined; `undefined` while it is not. */
  get quarantined(): string | undefined {
    return this.#quarantined
  }

  /** Counts a fault; true when it was the one that quarantines the module. */
  record(fault: Fault): boolean {
    const at = this.#now()
    this.#faults = this.#faults.filter((past) => past.at > at - this.#limits.killWindowMs)
    this.#faults.push({ at, fault })
    const count = this.#count(fault)
    const max = fault === 'kill' ? this.#limits.hardKillsMax : this.#limits.isolateLossesMax
    if (count < max || this.#quarantined !== undefined) return false
    const what = fault === 'kill' ? 'killed' : 'timed out or ran out of memory'
    this.#quarantined = `${what} ${count} times within ${this.#limits.killWindowMs / 1_000} s`
    return true
  }

  /** A protocol violation is no accident: one is enough. */
  quarantine(reason: string): void {
    this.#quarantined ??= reason
  }

  /** How long to wait before the next start: 0, 0.1 s, 0.2 s, doubling to 30 s, ±20 %. */
  delayMs(): number {
    const at = this.#now()
    this.#faults = this.#faults.filter((past) => past.at > at - this.#limits.killWindowMs)
    const kills = this.#count('kill')
    if (kills < 2) return 0
    const delay = Math.min(firstDelayMs * 2 ** (kills - 2), delayMaxMs)
    return delay * (1 - jitter + 2 * jitter * this.#random())
  }

  /** The operator's decision to try again. */
  resume(): void {
    this.#quarantined = undefined
    this.#faults = []
  }

  #count(fault: Fault): number {
    return this.#faults.filter((past) => past.fault === fault).length
  }
}
