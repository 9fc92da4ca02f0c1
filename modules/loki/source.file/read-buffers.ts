import { LogsBatchBuilder } from '@ingot/telemetry'

/** Bytes of one read. */
export const chunkBytes = 512 * 1024
/** Room for lines to begin with. */
const linesMin = 4096
/** Files that are read at the same time. */
const readsMax = 4
/** Chunks kept for the next read; more are left to the garbage collector. */
const freeMax = 16

/** Memory of one read, and of the columns of the batch that is made of it. */
export interface Chunk {
  bytes: Uint8Array
  readonly builder: LogsBatchBuilder
}

/**
 * The memory that files are read into. A batch keeps its chunk until it is settled. Each is used again and again: memory
 * outside the heap that comes and goes makes the garbage collector run all the time.
 */
export class ReadBuffers {
  readonly #free: Chunk[] = []
  readonly #waiting: (() => void)[] = []
  #reads = 0

  /** Waits until fewer than the allowed number of reads are running. */
  async take(): Promise<Chunk> {
    if (this.#reads >= readsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#reads++
    return this.#free.pop() ?? { bytes: new Uint8Array(chunkBytes), builder: new LogsBatchBuilder(linesMin) }
  }

  /** Ends a read. */
  done(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#reads--
  }

  /** Takes back a chunk that nobody looks at any more: nothing was read, or the batch is settled. */
  give(chunk: Chunk): void {
    if (chunk.bytes.length === chunkBytes && this.#free.length < freeMax) this.#free.push(chunk)
  }
}
