import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteRange } from '../answers/byte-range.ts'
import type { BlobStore, ReadBlob, StagedBlob } from './blob-store.ts'
import { removeIfOld, StagingFolder } from './staging-folder.ts'

/** Blobs as files of one folder. */
export class FileBlobStore implements BlobStore {
  readonly #blobs: string
  readonly #staging: StagingFolder

  constructor(dataDir: string) {
    this.#blobs = join(dataDir, 'blobs', 'sha512')
    this.#staging = new StagingFolder(dataDir)
  }

  async open(): Promise<this> {
    await mkdir(this.#blobs, { recursive: true })
    await this.#staging.open()
    return this
  }

  stage(): StagedBlob {
    return this.#staging.stage()
  }

  async keep(staged: StagedBlob, sha512: string): Promise<void> {
    await sync(staged.path)
    // Equal names mean equal bytes: replacing a blob by itself changes nothing.
    await rename(staged.path, join(this.#blobs, sha512))
    await sync(this.#blobs)
  }

  async size(sha512: string): Promise<number | undefined> {
    return (await stat(join(this.#blobs, sha512)).catch(() => undefined))?.size
  }

  async read(sha512: string, range?: ByteRange): Promise<ReadBlob | undefined> {
    const path = join(this.#blobs, sha512)
    if (range) {
      const { first, last } = range
      return { sizeBytes: last - first + 1, content: createReadStream(path, { start: first, end: last }) }
    }
    const sizeBytes = await this.size(sha512)
    return sizeBytes === undefined ? undefined : { sizeBytes, content: createReadStream(path) }
  }

  async erase(sha512: string): Promise<void> {
    await rm(join(this.#blobs, sha512), { force: true })
    await sync(this.#blobs)
  }

  async sweep(isReferenced: (sha512: string) => Promise<boolean>): Promise<number> {
    let removed = await this.#staging.sweep()
    for (const name of await readdir(this.#blobs)) {
      if (!(await isReferenced(name))) removed += await removeIfOld(join(this.#blobs, name))
    }
    return removed
  }

  async close(): Promise<void> {}
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
