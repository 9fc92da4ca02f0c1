import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ModuleManifest } from '@ingot/manifest'
import {
  archiveLimits,
  dsseEnvelope,
  integrity,
  matchesIntegrity,
  parseIntegrity,
  type DsseEnvelope,
  bundleDocument,
  type Bundle,
} from '@ingot/trust'
import { LoaderError } from '../loader-error.ts'
import { createFileAtomically, writeFileAtomically } from './atomic-file.ts'
import { matchesTree, readModule, writeTree, type ModuleContent } from './module-tree.ts'

/** A module whose bytes have been checked against its integrity in this process. */
export interface CachedModule {
  readonly integrity: string
  /** `sha256-<base64>` of module.json. */
  readonly manifestIntegrity: string
  readonly manifest: ModuleManifest
  /** The unpacked tree. */
  readonly dir: string
}

/**
 * Packed modules by the SHA-512 of their bytes, and their unpacked trees. Any number of processes may use one folder:
 * everything appears by an atomic rename or link, and what is there is checked before it is believed.
 */
export class ModuleCache {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  /** Adds a packed module. @throws LoaderError when it is not one. */
  async add(archive: Uint8Array): Promise<CachedModule> {
    if (archive.length > archiveLimits.packedBytesMax) {
      throw new LoaderError({
        code: 'archive-invalid',
        message: `Cannot cache the module: found ${archive.length} bytes, want at most ${archiveLimits.packedBytesMax}`,
      })
    }
    const content = await readModule(archive)
    const name = integrity('sha512', archive)
    await createFileAtomically(this.#blobPath(name), archive, 0o444)
    return this.#unpack(name, content)
  }

  /**
   * The module of an integrity text, its bytes hashed anew and its tree compared with them; `undefined` when it is not
   * cached. A tree that differs is unpacked again.
   * @throws LoaderError `cache-corrupt` when the packed bytes differ; they are moved aside, so that the next fetch replaces them.
   */
  async open(name: string): Promise<CachedModule | undefined> {
    const archive = await this.archive(name)
    if (!archive) return undefined
    if (!matchesIntegrity(name, archive)) {
      await this.#setAside(name)
      throw new LoaderError({
        code: 'cache-corrupt',
        message: `Cannot use the cached module "${name}": found other bytes in "${this.#blobPath(name)}" than its name says`,
        hint: 'the damaged file was moved aside; start again to fetch the module anew',
      })
    }
    const used = new Date()
    await utimes(this.#blobPath(name), used, used)
    return this.#unpack(name, await readModule(archive))
  }

  /** The packed bytes of a module, as they lie there. */
  async archive(name: string): Promise<Uint8Array | undefined> {
    return readIfThere(this.#blobPath(name))
  }

  /** The signed statement that was kept with a module. Anybody who can write here can replace it: it is verified when it is used. */
  async statement(name: string): Promise<DsseEnvelope | undefined> {
    const text = await readFile(this.#statementPath(name), 'utf8').catch(() => undefined)
    const parsed = text === undefined ? undefined : dsseEnvelope.safeParse(readJson(text))
    return parsed?.data
  }

  async keepStatement(name: string, envelope: DsseEnvelope): Promise<void> {
    await writeFileAtomically(this.#statementPath(name), JSON.stringify(envelope))
  }

  /** What its registry has stated about a module, as it was when it was believed; judged anew by whoever uses it. */
  async bundle(name: string): Promise<Bundle | undefined> {
    const text = await readFile(this.#bundlePath(name), 'utf8').catch(() => undefined)
    const parsed = text === undefined ? undefined : bundleDocument.safeParse(readJson(text))
    return parsed?.data
  }

  async keepBundle(name: string, bundle: Bundle): Promise<void> {
    await writeFileAtomically(this.#bundlePath(name), JSON.stringify(bundle))
  }

  /**
   * Removes what has not been opened for long, the oldest first, as long as there are many modules or imports; and what crashes
   * have left. A collector that runs keeps what it uses: its modules are young or few.
   */
  async prune(now = Date.now()): Promise<void> {
    const blobs = join(this.dir, 'blobs', 'sha512')
    const found = await entriesByAge(blobs)
    const notes = await entriesByAge(join(this.dir, 'sources'))
    const imports = await entriesByAge(join(this.dir, 'imports'))
    const unused = [found, notes, imports].flatMap((entries) =>
      entries.filter(({ usedAtMs }, index) => index >= keptMin && now - usedAtMs > unusedAfterMs),
    )
    const left = [...found, ...(await entriesByAge(join(this.dir, 'trees')))].filter(
      ({ path, usedAtMs }) => !/^[0-9a-f]{128}$/.test(basename(path)) && now - usedAtMs > unusedAfterMs,
    )
    for (const { path } of [...unused, ...left]) {
      await rm(path, { force: true, recursive: true })
      await rm(join(this.dir, 'trees', basename(path)), { force: true, recursive: true })
      for (const beside of ['statements', 'bundles']) await rm(join(this.dir, beside, basename(path)), { force: true })
    }
  }

  async #unpack(name: string, content: ModuleContent): Promise<CachedModule> {
    const dir = this.#treePath(name)
    for (let attempt = 0; !(await matchesTree(content, dir)); attempt++) {
      if (attempt === unpackAttemptsMax) {
        throw new LoaderError({
          code: 'cache-corrupt',
          message: `Cannot unpack the module into "${dir}": its files change under our hands`,
        })
      }
      // The first time nothing is removed: another process may just have put the good tree there.
      if (attempt > 0) await rm(dir, { recursive: true, force: true })
      await mkdir(join(this.dir, 'trees'), { recursive: true })
      await writeTree(content, dir)
    }
    return {
      integrity: name,
      manifestIntegrity: integrity('sha256', content.manifestBytes),
      manifest: content.manifest,
      dir,
    }
  }

  async #setAside(name: string): Promise<void> {
    const path = this.#blobPath(name)
    await rename(path, `${path}.corrupt`).catch(() => undefined)
    await rm(this.#treePath(name), { recursive: true, force: true })
  }

  #blobPath(name: string): string {
    return join(this.dir, 'blobs', 'sha512', digestOf(name))
  }

  #statementPath(name: string): string {
    return join(this.dir, 'statements', digestOf(name))
  }

  #bundlePath(name: string): string {
    return join(this.dir, 'bundles', digestOf(name))
  }

  #treePath(name: string): string {
    return join(this.dir, 'trees', digestOf(name))
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** Modules kept however old they are, and how long the others are kept after they were last opened. */
const keptMin = 256
const unusedAfterMs = 7 * 24 * 3_600_000

/** What lies in a folder, what was used last first. */
async function entriesByAge(dir: string): Promise<{ readonly path: string; readonly usedAtMs: number }[]> {
  const names = await readdir(dir).catch(() => [])
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name)
      const found = await stat(path).catch(() => undefined)
      return found && { path, usedAtMs: found.mtimeMs }
    }),
  )
  return entries.filter((entry) => entry !== undefined).sort((a, b) => b.usedAtMs - a.usedAtMs)
}

/** One for a damaged tree, the others for processes that repair it at the same time. */
const unpackAttemptsMax = 3

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function digestOf(name: string): string {
  const parsed = parseIntegrity(name)
  if (parsed?.algorithm === 'sha512') return parsed.hex
  throw new LoaderError({
    code: 'lock-invalid',
    message: `Cannot look up "${name}" in the cache: want "sha512-<base64>"`,
  })
}
