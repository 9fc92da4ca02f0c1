/** Samples of a process's CPU time over a sliding window. */
export class CpuWindow {
  readonly windowMs: number
  readonly #samples: { readonly at: number; readonly cpuMs: number }[] = []

  constructor(windowMs: number) {
    this.windowMs = windowMs
  }

  add(at: number, cpuMs: number): void {
    this.#samples.push({ at, cpuMs })
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - this.windowMs) this.#samples.shift()
  }

  /** CPU time since about `sinceMs` before the newest sample. */
  used(sinceMs: number): number {
    const newest = this.#samples.at(-1)
    if (!newest) return 0
    const from = newest.at - sinceMs
    let oldest = this.#samples[0]!
    for (let i = this.#samples.length - 1; i >= 0; i--) {
      oldest = this.#samples[i]!
      if (oldest.at <= from) break
    }
    return newest.cpuMs - oldest.cpuMs
  }
}
