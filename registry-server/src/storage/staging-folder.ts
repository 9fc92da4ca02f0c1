import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StagedBlob } from './blob-store.ts'

/** Longer than any upload takes: what is older was left behind by a crash. */
export const abandonedAfterMs = 24 * 3_600_000

/** A folder for uploads that nobody vouches for yet. */
export class StagingFolder {
  readonly #dir: string

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'staging')
  }

  async open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
  }

  stage(): StagedBlob {
    const path = join(this.#dir, randomUUID())
    return { path, discard: () => rm(path, { force: true }) }
  }

  /** Removes what no upload can still need. Resolves to how much that was. */
  async sweep(): Promise<number> {
    let removed = 0
    for (const name of await readdir(this.#dir)) removed += await removeIfOld(join(this.#dir, name))
    return removed
  }
}

/** Resolves to 1 when the file was old and is gone. */
export async function removeIfOld(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (!found || Date.now() - found.mtimeMs < abandonedAfterMs) return 0
  await rm(path, { force: true })
  return 1
}
