/** Which messages are written: of each kind the first ones of a second, then every n-th. */
export class Sampler {
  readonly #initial: number
  readonly #thereafter: number
  readonly #seen = new Map<string, { second: number; count: number }>()

  constructor(initial: number, thereafter: number) {
    this.#initial = initial
    this.#thereafter = thereafter
  }

  takes(kind: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    let seen = this.#seen.get(kind)
    if (!seen || seen.second !== second) {
      seen = { second, count: 0 }
      this.#seen.set(kind, seen)
    }
    seen.count++
    const beyond = seen.count - this.#initial
    return beyond <= 0 || (this.#thereafter > 0 && beyond % this.#thereafter === 0)
  }
}
