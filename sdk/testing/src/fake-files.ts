import { CapabilityError, type FileReader, type FileStat, type FileWatcher, type OpenFile } from '@ingot/sdk'
import { globToRegExp } from './glob.ts'

interface Inode {
  readonly number: number
  bytes: Buffer
  mtimeMs: number
  names: number
}

/** Files in memory, with inodes: a file that is renamed or removed goes on under the handles that are open. */
export class FakeFiles implements FileReader, FileWatcher {
  readonly #inodes = new Map<string, Inode>()
  readonly #links = new Map<string, string>()
  readonly #watches = new Set<{ path: string; onChange: () => void }>()
  readonly #now: () => number
  #nextInode = 1
  #openFiles = 0

  constructor(now: () => number, files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.#now = now
    for (const [path, content] of Object.entries(files)) this.write(path, content)
  }

  // ------------------------------------------------------------ the test's side
  /** Sets the content; the inode stays. */
  write(path: string, content: string | Uint8Array): void {
    const inode = this.#inodes.get(path) ?? { number: this.#nextInode++, bytes: Buffer.alloc(0), mtimeMs: 0, names: 1 }
    this.#inodes.set(path, inode)
    this.#change(inode, Buffer.from(content as Uint8Array), path)
  }

  append(path: string, content: string | Uint8Array): void {
    const before = this.#inodes.get(path)?.bytes ?? Buffer.alloc(0)
    this.write(path, Buffer.concat([before, Buffer.from(content as Uint8Array)]))
  }

  truncate(path: string, size = 0): void {
    const inode = this.#inode(path)
    this.#change(inode, inode.bytes.subarray(0, size), path)
  }

  /** Moves the file; one that had the new name loses it. */
  rename(from: string, to: string): void {
    const inode = this.#inode(from)
    if (this.#inodes.has(to)) this.remove(to)
    this.#inodes.delete(from)
    this.#inodes.set(to, inode)
    this.#notify(from)
    this.#notify(to)
  }

  remove(path: string): void {
    this.#inode(path).names--
    this.#inodes.delete(path)
    this.#notify(path)
  }

  symlink(path: string, target: string): void {
    this.#links.set(path, target)
  }

  /** Files that components hold open. */
  get openFiles(): number {
    return this.#openFiles
  }

  get watches(): number {
    return this.#watches.size
  }

  // ------------------------------------------------------------ the component's side
  async read(path: string, options?: { readonly bytesMax?: number }): Promise<Uint8Array> {
    const { bytes } = this.#inode(path)
    if (bytes.length > (options?.bytesMax ?? Infinity))
      throw new CapabilityError('too_large', `Cannot read "${path}": it is too large`)
    return Uint8Array.from(bytes)
  }

  async readText(path: string, options?: { readonly bytesMax?: number }): Promise<string> {
    return Buffer.from(await this.read(path, options)).toString('utf8')
  }

  async list(path: string): Promise<readonly string[]> {
    const names = new Set<string>()
    const prefix = path === '/' ? '/' : `${path.replace(/\/$/, '')}/`
    for (const file of [...this.#inodes.keys(), ...this.#links.keys()]) {
      if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split('/')[0]!)
    }
    if (names.size === 0) throw new CapabilityError('not_found', `Cannot list "${path}": it does not exist`)
    return [...names].sort()
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const inode = this.#inodes.get(this.#resolve(path))
    if (inode) return statOf(inode)
    const directory = this.#isDirectory(path)
    return directory ? { size: 0, mtimeMs: 0, identity: `directory:${path}`, isDirectory: true } : undefined
  }

  async open(path: string): Promise<OpenFile> {
    const inode = this.#inode(path)
    let open = true
    this.#openFiles++
    const check = () => {
      if (!open) throw new CapabilityError('invalid', `Cannot use "${path}": it is closed`)
    }
    return {
      read: async (into, position) => {
        check()
        const bytes = inode.bytes.subarray(position, position + into.length)
        into.set(bytes)
        return bytes.length
      },
      stat: async () => {
        check()
        return { ...statOf(inode), unlinked: inode.names === 0 }
      },
      close: async () => {
        if (open) this.#openFiles--
        open = false
      },
    }
  }

  async glob(
    pattern: string,
    options?: { readonly exclude?: string; readonly matchesMax?: number },
  ): Promise<readonly string[]> {
    const wanted = globToRegExp(pattern)
    const unwanted = options?.exclude ? globToRegExp(options.exclude) : undefined
    return [...this.#inodes.keys()].filter((path) => wanted.test(path) && !unwanted?.test(path)).sort()
  }

  async statfs() {
    return { bsize: 4096, blocks: 1000, bfree: 600, bavail: 500, files: 100, ffree: 50 }
  }

  async readlink(path: string): Promise<string> {
    const target = this.#links.get(path)
    if (target === undefined)
      throw new CapabilityError('not_found', `Cannot read the link "${path}": it does not exist`)
    return target
  }

  watch(path: string, onChange: () => void, { signal }: { readonly signal: AbortSignal }): void {
    if (signal.aborted) return
    const watch = { path, onChange }
    this.#watches.add(watch)
    signal.addEventListener('abort', () => this.#watches.delete(watch), { once: true })
  }

  #inode(path: string): Inode {
    const inode = this.#inodes.get(this.#resolve(path))
    if (!inode) throw new CapabilityError('not_found', `Cannot open "${path}": it does not exist`)
    return inode
  }

  #resolve(path: string): string {
    const target = this.#links.get(path)
    if (target === undefined || target.startsWith('/')) return target ?? path
    return `${path.slice(0, path.lastIndexOf('/'))}/${target}`
  }

  #isDirectory(path: string): boolean {
    const prefix = `${path.replace(/\/$/, '')}/`
    return [...this.#inodes.keys()].some((file) => file.startsWith(prefix))
  }

  #change(inode: Inode, bytes: Buffer, path: string): void {
    inode.bytes = bytes
    inode.mtimeMs = this.#now()
    this.#notify(path)
  }

  #notify(path: string): void {
    for (const watch of this.#watches) {
      if (path === watch.path || path.startsWith(`${watch.path}/`)) queueMicrotask(watch.onChange)
    }
  }
}

function statOf(inode: Inode): FileStat {
  return { size: inode.bytes.length, mtimeMs: inode.mtimeMs, identity: `1:${inode.number}`, isDirectory: false }
}
