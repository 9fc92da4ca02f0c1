/** Over how long errors are counted. */
const windowSeconds = 60
/** Above this share of its batches a component is degraded. */
const degradedShare = 0.2
/** Fewer batches say nothing about a share. */
const batchesMin = 5
/** How soon it is noticed that errors are long past. */
const lookMs = 1_000

export interface Degraded {
  readonly errors: number
  readonly batches: number
}

interface Second {
  readonly at: number
  errors: number
  batches: number
}

/** The share of a component's batches, over the last minute, that it failed with. */
export class ErrorRate {
  readonly #onChange: (degraded: Degraded | undefined) => void
  readonly #now: () => number
  #seconds: Second[] = []
  #degraded = false
  #timer: NodeJS.Timeout | undefined

  constructor(onChange: (degraded: Degraded | undefined) => void, now: () => number = () => performance.now()) {
    this.#onChange = onChange
    this.#now = now
  }

  record(failed: boolean): void {
    const at = Math.floor(this.#now() / 1_000)
    let last = this.#seconds.at(-1)
    if (last?.at !== at) this.#seconds.push((last = { at, errors: 0, batches: 0 }))
    last.batches++
    if (!failed) return
    last.errors++
    this.look()
  }

  /** Whether it is degraded now, or no more. */
  look(): void {
    const since = this.#now() / 1_000 - windowSeconds
    this.#seconds = this.#seconds.filter(({ at }) => at >= since)
    const errors = this.#seconds.reduce((sum, second) => sum + second.errors, 0)
    const batches = this.#seconds.reduce((sum, second) => sum + second.batches, 0)
    const degraded = batches >= batchesMin && errors > degradedShare * batches
    if (degraded === this.#degraded) return
    this.#degraded = degraded
    this.#onChange(degraded ? { errors, batches } : undefined)
    if (degraded) this.#timer ??= setInterval(() => this.look(), lookMs).unref()
    else this.stop()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
