import { watch as watchFile } from 'node:fs'
import { open, readdir, readFile, readlink, stat, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CapabilityError, type FileReader, type FileStat, type FileWatcher, type OpenFile } from '@ingot/sdk'
import { globToRegExp } from './glob.ts'

/** Real files, for tests that are about them (rotation, inodes, large reads). The test makes and removes the folder. */
export class RealFiles implements FileReader, FileWatcher {
  readonly #open = new Set<FileHandle>()
  #watches = 0

  get openFiles(): number {
    return this.#open.size
  }

  get watches(): number {
    return this.#watches
  }

  async read(path: string, options?: { readonly bytesMax?: number }): Promise<Uint8Array> {
    const bytes = await coded(readFile(path))
    if (bytes.length > (options?.bytesMax ?? Infinity))
      throw new CapabilityError('too_large', `Cannot read "${path}": it is too large`)
    return bytes
  }

  async readText(path: string, options?: { readonly bytesMax?: number }): Promise<string> {
    return Buffer.from(await this.read(path, options)).toString('utf8')
  }

  async list(path: string): Promise<readonly string[]> {
    return (await coded(readdir(path))).sort()
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return stat(path, { bigint: true }).then(statOf, () => undefined)
  }

  async open(path: string): Promise<OpenFile> {
    const handle = await coded(open(path))
    this.#open.add(handle)
    return {
      read: async (into, position) => (await coded(handle.read(into, 0, into.length, position))).bytesRead,
      stat: async () => {
        const found = await coded(handle.stat({ bigint: true }))
        return { ...statOf(found), unlinked: found.nlink === 0n }
      },
      close: async () => {
        if (this.#open.delete(handle)) await handle.close()
      },
    }
  }

  async glob(
    pattern: string,
    options?: { readonly exclude?: string; readonly matchesMax?: number },
  ): Promise<readonly string[]> {
    const wanted = globToRegExp(pattern)
    const unwanted = options?.exclude ? globToRegExp(options.exclude) : undefined
    const literal = pattern.split('/').findIndex((segment) => /[*?[{]/.test(segment))
    const base = literal < 0 ? dirname(pattern) : pattern.split('/').slice(0, literal).join('/') || '/'
    const names = await readdir(base, { recursive: true }).catch(() => [])
    return names
      .map((name) => join(base, name))
      .filter((path) => wanted.test(path) && !unwanted?.test(path))
      .sort()
  }

  async statfs(path: string) {
    return coded(statfs(path))
  }

  async readlink(path: string): Promise<string> {
    return coded(readlink(path))
  }

  watch(path: string, onChange: () => void, { signal }: { readonly signal: AbortSignal }): void {
    if (signal.aborted) return
    this.#watches++
    const watcher = watchFile(path, { persistent: false }, onChange)
    watcher.on('error', onChange)
    signal.addEventListener(
      'abort',
      () => {
        this.#watches--
        watcher.close()
      },
      { once: true },
    )
  }
}

function statOf(found: { size: bigint; mtimeNs: bigint; dev: bigint; ino: bigint; isDirectory(): boolean }): FileStat {
  const mtimeMs = Number(found.mtimeNs) / 1e6
  return { size: Number(found.size), mtimeMs, identity: `${found.dev}:${found.ino}`, isDirectory: found.isDirectory() }
}

function coded<T>(running: Promise<T>): Promise<T> {
  return running.catch((error: NodeJS.ErrnoException) => {
    throw new CapabilityError(error.code === 'ENOENT' ? 'not_found' : 'io', error.message, { cause: error })
  })
}
