import fs from 'node:fs/promises'
import path from 'node:path'

export interface QuarantinedBatch {
  readonly component: string
  readonly port: string
  readonly count: number
  readonly reason: string
  readonly frame: Uint8Array
}

/**
 * Batches that killed their runner twice: kept on disk for people, counted, and never replayed. Each is a `.frame` with
 * a `.json` beside it that says where it was going and why it is here.
 */
export class QuarantineDirectory {
  readonly #dir: string
  readonly #bytesMax: number
  #used: number | undefined
  #sequence = 0

  constructor(dir: string, bytesMax: number) {
    this.#dir = dir
    this.#bytesMax = bytesMax
  }

  /** Keeps the batch; false when there is no room for it or the disk refuses. */
  async keep(batch: QuarantinedBatch): Promise<boolean> {
    try {
      await fs.mkdir(this.#dir, { recursive: true, mode: 0o700 })
      this.#used ??= await this.#measure()
      if (this.#used + batch.frame.length > this.#bytesMax) return false
      this.#used += batch.frame.length
      const at = new Date()
      const name = `${at.toISOString().replaceAll(':', '')}-${process.pid}-${++this.#sequence}`
      const { frame, ...about } = batch
      await writeDurably(path.join(this.#dir, `${name}.frame`), frame)
      await writeDurably(path.join(this.#dir, `${name}.json`), Buffer.from(`${JSON.stringify({ at, ...about })}\n`))
      return true
    } catch {
      return false
    }
  }

  async #measure(): Promise<number> {
    let bytes = 0
    for (const name of await fs.readdir(this.#dir)) {
      if (name.endsWith('.frame')) bytes += (await fs.stat(path.join(this.#dir, name))).size
    }
    return bytes
  }
}

async function writeDurably(file: string, data: Uint8Array): Promise<void> {
  const handle = await fs.open(file, 'wx', 0o600)
  try {
    await handle.writeFile(data)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
