import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { integrity, matchesIntegrity, parseIntegrity } from '@ingot/trust'
import { writeFileAtomically } from './atomic-file.ts'

/** Some bytes, and what names them: `sha256-<base64>`. */
export interface CachedContent {
  readonly bytes: Uint8Array
  readonly integrity: string
}

/** What needs credentials to be fetched is for this user alone. */
const fileMode = 0o600

/** The last content of each address, and the content that lockfiles pin. The module cache prunes it with its own. */
export class ContentCache {
  readonly #folder: string

  constructor(cacheDir: string) {
    this.#folder = join(cacheDir, 'imports')
  }

  async put(address: string, bytes: Uint8Array): Promise<CachedContent> {
    const known = await readOrNothing(this.#lastPath(address))
    if (known?.equals(bytes)) await touch(this.#lastPath(address))
    else await writeFileAtomically(this.#lastPath(address), bytes, fileMode)
    return { bytes, integrity: integrity('sha256', bytes) }
  }

  async last(address: string): Promise<CachedContent | undefined> {
    const bytes = await readOrNothing(this.#lastPath(address))
    return bytes && { bytes, integrity: integrity('sha256', bytes) }
  }

  /** What is pinned, if it is here and undamaged. */
  async pinned(wanted: string): Promise<CachedContent | undefined> {
    const bytes = await readOrNothing(this.#pinnedPath(wanted))
    if (!bytes || !matchesIntegrity(wanted, bytes)) return undefined
    await touch(this.#pinnedPath(wanted))
    return { bytes, integrity: wanted }
  }

  /** Keeps an address' last content under its integrity, whatever the address has later. */
  async pin(address: string, wanted: string): Promise<void> {
    const found = await this.last(address)
    if (found?.integrity === wanted && !(await this.pinned(wanted)))
      await writeFileAtomically(this.#pinnedPath(wanted), found.bytes, fileMode)
  }

  #lastPath(address: string): string {
    return join(this.#folder, `last-${createHash('sha256').update(address).digest('hex')}`)
  }

  #pinnedPath(wanted: string): string {
    return join(this.#folder, `pinned-${parseIntegrity(wanted)?.hex ?? 'nothing'}`)
  }
}

/** What is used is not pruned. */
async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
