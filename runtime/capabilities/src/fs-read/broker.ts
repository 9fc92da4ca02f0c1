import { close, constants, fstat, open, read, type BigIntStats } from 'node:fs'
import { readdir, readlink, stat, statfs } from 'node:fs/promises'
import { isCapabilityError, type FileReader, type FileStat, type OpenFile } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { globFiles } from './glob.ts'
import { PathPolicy } from './policy.ts'

/** Bytes of a file read whole when the caller names no bound. */
const readBytesMax = 16 * 2 ** 20
/** Matches of one glob when the caller names no bound. */
const globMatchesMax = 100_000
/** Directory entries that a glob of an untrusted component may look at. */
const untrustedVisitedMax = 100_000
/** Files that one instance holds open at once; beyond it `open` fails with `full`. */
const openFilesMax = 65_536
/** Read ahead by this much where the size is unknown, as in /proc. */
const unknownSizeBytes = 64 * 1024
// Opening a named pipe for reading would wait for its writer for ever.
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

export interface FileCapability {
  readonly reader: FileReader
  close(): Promise<void>
}

export function createFileReader(access: Access, allowed: () => Designation): FileCapability {
  const files = new Files(access, new PathPolicy(access, allowed))
  return { reader: files, close: () => files.closeAll() }
}

class Files implements FileReader {
  readonly #access: Access
  readonly #policy: PathPolicy
  readonly #open = new Set<OpenFile>()

  constructor(access: Access, policy: PathPolicy) {
    this.#access = access
    this.#policy = policy
  }

  async read(path: string, options?: { readonly bytesMax?: number }): Promise<Uint8Array> {
    const bytesMax = options?.bytesMax ?? readBytesMax
    const fd = await this.#openAllowed(path)
    try {
      return await this.#readWhole(fd, path, bytesMax)
    } finally {
      await closeFile(fd)
    }
  }

  async readText(path: string, options?: { readonly bytesMax?: number }): Promise<string> {
    const bytes = await this.read(path, options)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  }

  async list(path: string): Promise<readonly string[]> {
    return this.#run(`Cannot list "${path}"`, () =>
      this.#policy.use(path, async (held) => (await readdir(held)).sort()),
    )
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      return await this.#run(`Cannot stat "${path}"`, () =>
        this.#policy.use(path, async (held) => fileStat(await stat(held, { bigint: true }))),
      )
    } catch (error) {
      if ((error as { code?: string }).code === 'not_found') return undefined
      throw error
    }
  }

  async open(path: string): Promise<OpenFile> {
    if (this.#open.size >= openFilesMax)
      throw this.#access.error('full', `Cannot open "${path}": ${openFilesMax} files are open`)
    const fd = await this.#openAllowed(path)
    const file = new Handle(fd, path, this.#access, () => this.#open.delete(file))
    this.#open.add(file)
    return file
  }

  async glob(
    pattern: string,
    options?: { readonly exclude?: string; readonly matchesMax?: number },
  ): Promise<readonly string[]> {
    const matches = await globFiles(pattern, {
      exclude: options?.exclude,
      matchesMax: options?.matchesMax ?? globMatchesMax,
      ...(this.#access.trusted
        ? {}
        : { enters: (directory: string) => this.#policy.mayEnter(directory), visitedMax: untrustedVisitedMax }),
      fail: (code, message) => this.#access.error(code, message),
    })
    this.#access.used('fs.read')
    return this.#access.trusted ? matches : this.#policy.keep(matches)
  }

  async statfs(path: string) {
    return this.#run(`Cannot read the file system of "${path}"`, () =>
      this.#policy.use(path, async (held) => {
        const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(held)
        return { bsize, blocks, bfree, bavail, files, ffree }
      }),
    )
  }

  async readlink(path: string): Promise<string> {
    return this.#run(`Cannot read the link "${path}"`, () => this.#policy.useLink(path, (held) => readlink(held)))
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((file) => file.close()))
  }

  async #openAllowed(path: string): Promise<number> {
    const fd = await this.#run(`Cannot open "${path}"`, () => this.#policy.use(path, openFile))
    if (this.#access.trusted) this.#access.used('fs.read')
    return fd
  }

  async #readWhole(fd: number, path: string, bytesMax: number): Promise<Uint8Array> {
    const size = await this.#run(`Cannot stat "${path}"`, async () => Number((await statFile(fd)).size))
    if (size > bytesMax) throw this.#tooLarge(path, bytesMax)
    // One byte more than the size shows a file that has grown; files of /proc state the size 0.
    let bytes = Buffer.allocUnsafe(size > 0 ? size + 1 : Math.min(unknownSizeBytes, bytesMax + 1))
    let length = 0
    for (;;) {
      const into = bytes
      const from = length
      const n = await this.#run(`Cannot read "${path}"`, () => readFile(fd, into, from, into.length - from, from))
      if (n === 0) return bytes.subarray(0, length)
      length += n
      if (length > bytesMax) throw this.#tooLarge(path, bytesMax)
      if (length === bytes.length) {
        const grown = Buffer.allocUnsafe(Math.min(bytes.length * 2, bytesMax + 1))
        bytes.copy(grown, 0, 0, length)
        bytes = grown
      }
    }
  }

  #tooLarge(path: string, bytesMax: number): Error {
    return this.#access.error('too_large', `Cannot read "${path}": it has more than ${bytesMax} bytes`)
  }

  #run<T>(action: string, run: () => Promise<T>): Promise<T> {
    return run().catch((error: unknown) => {
      if (isCapabilityError(error)) throw error
      throw systemError(this.#access, action, error)
    })
  }
}

class Handle implements OpenFile {
  #fd: number
  readonly #path: string
  readonly #access: Access
  readonly #onClose: () => void
  /** Calls that use the descriptor now: it is closed when the last has returned, never under one. */
  #users = 0
  #closing: (() => void) | undefined

  constructor(fd: number, path: string, access: Access, onClose: () => void) {
    this.#fd = fd
    this.#path = path
    this.#access = access
    this.#onClose = onClose
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return this.#use('read', (fd) => readFile(fd, into, 0, into.length, position))
  }

  async stat(): Promise<FileStat & { readonly unlinked: boolean }> {
    const found = await this.#use('stat', statFile)
    return { ...fileStat(found), unlinked: found.nlink === 0n }
  }

  async close(): Promise<void> {
    const fd = this.#fd
    if (fd < 0) return
    this.#fd = -1
    this.#onClose()
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#closing = resolve))
    await closeFile(fd)
  }

  async #use<T>(verb: string, run: (fd: number) => Promise<T>): Promise<T> {
    if (this.#fd < 0) throw this.#access.error('invalid', `Cannot ${verb} "${this.#path}": it is closed`)
    this.#users++
    try {
      return await run(this.#fd)
    } catch (error) {
      throw systemError(this.#access, `Cannot ${verb} "${this.#path}"`, error)
    } finally {
      if (--this.#users === 0) this.#closing?.()
    }
  }
}

/** The coded form of an error of the operating system. */
function systemError(access: Access, action: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const coded =
    code === 'ENOENT' || code === 'ENOTDIR' ? 'not_found' : code === 'EACCES' || code === 'EPERM' ? 'denied' : 'io'
  return access.error(coded, `${action}: ${message}`, error)
}

function fileStat(found: BigIntStats): FileStat {
  return {
    size: Number(found.size),
    mtimeMs: Number(found.mtimeNs) / 1e6,
    identity: `${found.dev}:${found.ino}`,
    isDirectory: found.isDirectory(),
  }
}

function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => open(path, openFlags, (error, fd) => (error ? reject(error) : resolve(fd))))
}

function readFile(fd: number, into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    read(fd, into, offset, length, position, (error, n) => (error ? reject(error) : resolve(n))),
  )
}

function statFile(fd: number): Promise<BigIntStats> {
  return new Promise((resolve, reject) =>
    fstat(fd, { bigint: true }, (error, found) => (error ? reject(error) : resolve(found))),
  )
}

function closeFile(fd: number): Promise<void> {
  return new Promise((resolve) => close(fd, () => resolve()))
}
