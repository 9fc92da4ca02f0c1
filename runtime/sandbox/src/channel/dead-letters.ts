import { QuarantineDirectory, type QuarantinedBatch } from './quarantine-directory.ts'

/** A component that fails with every batch must not keep the disk busy: one in so long tells what is wrong. */
const sampleEveryMs = 1_000

/** Samples of the batches that a component failed with: all are dropped and counted, and the newest kept for people. */
export class DeadLetters {
  readonly #directory: QuarantineDirectory
  #sampledAt = -Infinity

  constructor(dir: string, bytesMax: number) {
    this.#directory = new QuarantineDirectory(dir, bytesMax, 'newest')
  }

  /** Keeps a copy, if it is time for one. */
  sample(batch: QuarantinedBatch): void {
    const now = performance.now()
    if (now - this.#sampledAt < sampleEveryMs) return
    this.#sampledAt = now
    void this.#directory.keep({ ...batch, frame: batch.frame.slice() })
  }
}
