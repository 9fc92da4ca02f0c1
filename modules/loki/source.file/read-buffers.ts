/** Bytes of one read. */
export const chunkBytes = 512 * 1024
/** Files that are read at the same time. */
const readsMax = 4

/** The buffers that files are read into. A batch that fills most of one keeps it; otherwise it is used again. */
export class ReadBuffers {
  readonly #free: Uint8Array[] = []
  readonly #waiting: (() => void)[] = []
  #reads = 0

  /** Waits until fewer than the allowed number of reads are running. */
  async take(): Promise<Uint8Array> {
    if (this.#reads >= readsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#reads++
    return this.#free.pop() ?? new Uint8Array(chunkBytes)
  }

  /** Ends a read. `buffer` is given back unless a batch keeps it. */
  give(buffer: Uint8Array | undefined): void {
    if (buffer?.length === chunkBytes) this.#free.push(buffer)
    const next = this.#waiting.shift()
    if (next) next()
    else this.#reads--
  }
}
