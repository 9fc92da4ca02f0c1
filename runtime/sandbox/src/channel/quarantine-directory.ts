import fs from 'node:fs/promises'
import path from 'node:path'

export interface QuarantinedBatch {
  readonly component: string
  readonly port: string
  readonly count: number
  readonly reason: string
  readonly frame: Uint8Array
}

/** One that is kept, as its `.json` tells. */
export interface KeptBatch {
  /** Beside it lies the `.frame`. */
  readonly file: string
  readonly at: string
  readonly port: string
  readonly count: number
  readonly reason: string
}

/** The newest batches that are kept in a folder, at most `max` of them, and how many there are in all. */
export async function listQuarantine(
  dir: string,
  max: number,
): Promise<{ readonly total: number; readonly newest: readonly KeptBatch[] }> {
  const names = (await fs.readdir(dir).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted()
  const newest = await Promise.all(
    names
      .slice(-max)
      .reverse()
      .map(async (name): Promise<KeptBatch[]> => {
        const file = path.join(dir, name)
        try {
          const { at, port, count, reason } = JSON.parse(await fs.readFile(file, 'utf8')) as KeptBatch
          return [{ file, at, port, count, reason }]
        } catch {
          // Removed a moment ago, or not whole: the machine went down while it was written.
          return []
        }
      }),
  )
  return { total: names.length, newest: newest.flat() }
}

/**
 * Batches that were taken out of a pipeline: kept on disk for people, counted, and never replayed. Each is a `.frame` with
 * a `.json` beside it that says where it was going and why it is here. When there is no more room, either those that are
 * there stay, or they make room for the newest.
 */
export class QuarantineDirectory {
  readonly #dir: string
  readonly #bytesMax: number
  readonly #keeps: 'oldest' | 'newest'
  #used: number | undefined
  #sequence = 0

  constructor(dir: string, bytesMax: number, keeps: 'oldest' | 'newest') {
    this.#dir = dir
    this.#bytesMax = bytesMax
    this.#keeps = keeps
  }

  /** Keeps the batch; false when there is no room for it or the disk refuses. */
  async keep(batch: QuarantinedBatch): Promise<boolean> {
    try {
      await fs.mkdir(this.#dir, { recursive: true, mode: 0o700 })
      this.#used ??= await this.#measure()
      if (!(await this.#makeRoom(batch.frame.length))) return false
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

  async #makeRoom(bytes: number): Promise<boolean> {
    if (this.#used! + bytes <= this.#bytesMax) return true
    if (this.#keeps === 'oldest' || bytes > this.#bytesMax) return false
    const names = (await fs.readdir(this.#dir)).filter((name) => name.endsWith('.json')).toSorted()
    for (const name of names) {
      if (this.#used! + bytes <= this.#bytesMax) break
      const frame = path.join(this.#dir, name.replace(/json$/, 'frame'))
      this.#used! -= (await fs.stat(frame).catch(() => ({ size: 0 }))).size
      await fs.rm(path.join(this.#dir, name), { force: true })
      await fs.rm(frame, { force: true })
    }
    return this.#used! + bytes <= this.#bytesMax
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
