/** Bytes of one file that may be on their way at once; beyond it reading waits for deliveries. */
const fileBytesMax = 8 * 2 ** 20
/** The same for all files of the component. */
const totalBytesMax = 64 * 2 ** 20

/** Bytes on their way of all files, and who waits for room. */
export class InFlightTotal {
  bytes = 0
  lines = 0
  #waiting: (() => void)[] = []

  changed(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

interface Chunk {
  readonly end: number
  settled: boolean
}

/**
 * What of one file has been emitted and is not settled. Chunks may settle in any order; the committed offset is the end
 * of the longest settled beginning.
 */
export class InFlight {
  readonly #total: InFlightTotal
  readonly #chunks: Chunk[] = []
  #bytes = 0
  committed: number

  constructor(total: InFlightTotal, committed: number) {
    this.#total = total
    this.committed = committed
  }

  get empty(): boolean {
    return this.#chunks.length === 0
  }

  /** Waits for room: a single chunk always has it when nothing else is on its way. */
  async room(signal: AbortSignal): Promise<void> {
    while (
      !signal.aborted &&
      (this.#bytes >= fileBytesMax || (this.#total.bytes >= totalBytesMax && this.#total.bytes > 0))
    ) {
      await this.#total.wait()
    }
  }

  /**
   * Records a chunk that ends at `end`; call the result when its fate is settled (`true`), or it is given up
   * because the component stops (`false`). It says whether the committed offset moved.
   */
  add(end: number, bytes: number, lines: number): (settled: boolean) => boolean {
    const chunk: Chunk = { end, settled: false }
    this.#chunks.push(chunk)
    this.#count(bytes, lines)
    return (settled) => {
      chunk.settled = settled
      this.#count(-bytes, -lines)
      const before = this.committed
      while (this.#chunks[0]?.settled) this.committed = this.#chunks.shift()!.end
      this.#total.changed()
      return this.committed !== before
    }
  }

  /** Resolves when nothing is on its way, or the signal fires. */
  async drained(signal: AbortSignal): Promise<void> {
    while (!this.empty && !signal.aborted) await this.#total.wait()
  }

  #count(bytes: number, lines: number): void {
    this.#bytes += bytes
    this.#total.bytes += bytes
    this.#total.lines += lines
  }
}
