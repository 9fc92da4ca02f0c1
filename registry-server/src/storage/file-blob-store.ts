import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore, StagedBlob } from './blob-store.ts'

/** Longer than any upload takes: what is older was left behind by a crash. */
const abandonedAfterMs = 24 * 3_600_000

/** Blobs as files of one folder. */
export class FileBlobStore implements BlobStore {
  readonly #blobs: string
  readonly #staging: string

  constructor(dir: string) {
    this.#blobs = join(dir, 'blobs', 'sha512')
    this.#staging = join(dir, 'staging')
  }

  async open(): Promise<this> {
    await mkdir(this.#blobs, { recursive: true })
    await mkdir(this.#staging, { recursive: true })
    return this
  }

  async stage(): Promise<StagedBlob> {
    const path = join(this.#staging, randomUUID())
    return { path, discard: () => rm(path, { force: true }) }
  }

  async keep(staged: StagedBlob, sha512: string): Promise<void> {
    await sync(staged.path)
    // Equal names mean equal bytes: replacing a blob by itself changes nothing.
    await rename(staged.path, join(this.#blobs, sha512))
    await sync(this.#blobs)
  }

  async read(sha512: string): Promise<{ sizeBytes: number; content: NodeJS.ReadableStream } | undefined> {
    const path = join(this.#blobs, sha512)
    const found = await stat(path).catch(() => undefined)
    return found && { sizeBytes: found.size, content: createReadStream(path) }
  }

  async sweep(isReferenced: (sha512: string) => Promise<boolean>): Promise<number> {
    let removed = 0
    for (const name of await readdir(this.#staging)) removed += await removeIfOld(join(this.#staging, name))
    for (const name of await readdir(this.#blobs)) {
      if (!(await isReferenced(name))) removed += await removeIfOld(join(this.#blobs, name))
    }
    return removed
  }
}

async function removeIfOld(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (!found || Date.now() - found.mtimeMs < abandonedAfterMs) return 0
  await rm(path, { force: true })
  return 1
}

/** Of a folder it makes its entries durable: without it a rename may be lost though the file is not. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
