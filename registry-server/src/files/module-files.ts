import { readArchive } from '@ingot/trust'
import { LRUCache } from 'lru-cache'
import { buffer } from 'node:stream/consumers'
import type { Gate } from '../publish/gate.ts'
import type { BlobStore } from '../storage/blob-store.ts'

/** Files kept in memory after a module was unpacked, all together: people read several files of one module. */
const cachedBytesMax = 64 * 2 ** 20

/** Single files of published modules. */
export class ModuleFiles {
  readonly #blobs: BlobStore
  readonly #gate: Gate
  readonly #cache = new LRUCache<string, Uint8Array>({
    maxSize: cachedBytesMax,
    sizeCalculation: (bytes) => bytes.length + 200,
  })

  constructor(blobs: BlobStore, gate: Gate) {
    this.#blobs = blobs
    this.#gate = gate
  }

  /** The content of a file; `undefined` where the module has no such file, or its bytes are gone. */
  async read(sha512: string, path: string): Promise<Uint8Array | undefined> {
    const key = `${sha512}/${path}`
    const known = this.#cache.get(key)
    if (known) return known
    return this.#gate.run(async () => {
      const blob = await this.#blobs.read(sha512)
      if (!blob) return undefined
      let found: Uint8Array | undefined
      for await (const entry of readArchive(await buffer(blob.content))) {
        this.#cache.set(`${sha512}/${entry.path}`, entry.bytes)
        if (entry.path === path) found = entry.bytes
      }
      return found
    })
  }
}
