interface Waiting {
  readonly bytes: number
  start(admitted: boolean): void
}

/** Lets batches in up to a number of bytes, strictly in the order of their coming; a single one always fits. */
export class Admission {
  #bytes = 0
  #inside = 0
  #waiting: Waiting[] = []
  #idle: (() => void)[] = []

  /** Whether `bytes` more would be let in now. */
  fits(bytes: number, bytesMax: number): boolean {
    return this.#waiting.length === 0 && (this.#inside === 0 || this.#bytes + bytes <= bytesMax)
  }

  /** Calls `start` at once, or when its turn comes: with false if that never happens. */
  enter(bytes: number, bytesMax: number, start: (admitted: boolean) => void): void {
    this.#waiting.push({ bytes, start })
    this.#advance(bytesMax)
  }

  leave(bytes: number, bytesMax: number): void {
    this.#bytes -= bytes
    this.#inside--
    this.#advance(bytesMax)
    if (this.#inside === 0 && this.#waiting.length === 0) for (const wake of this.#idle.splice(0)) wake()
  }

  /** Resolves when nobody is inside or waits. */
  async emptied(): Promise<void> {
    if (this.#inside > 0 || this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Turns away all that wait. */
  close(): void {
    for (const { start } of this.#waiting.splice(0)) start(false)
    if (this.#inside === 0) for (const wake of this.#idle.splice(0)) wake()
  }

  #advance(bytesMax: number): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#inside > 0 && this.#bytes + next.bytes > bytesMax) return
      this.#waiting.shift()
      this.#bytes += next.bytes
      this.#inside++
      next.start(true)
    }
  }
}
