import { close, existsSync, open, realpathSync } from 'node:fs'
import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { GlobPattern } from './glob-pattern.ts'

/** O_PATH of Linux, which Node.js has no name for. */
const openAsPath = 0o10000000
const holds = process.platform === 'linux' && existsSync('/proc/self/fd')

/** Patterns that are kept compiled; the list of allowed paths only changes with arguments and grants. */
interface Allowed {
  readonly source: Designation
  readonly patterns: readonly { readonly base: string; readonly pattern: GlobPattern | undefined }[]
}

/**
 * What of the file system an untrusted component may read: granted roots and everything below them, and the files and
 * patterns that its arguments name. The decision is made on the real path, so that no link leads out of a root.
 */
export class PathPolicy {
  readonly #access: Access
  readonly #allowed: () => Designation
  readonly #capability: 'fs.read' | 'fs.watch'
  #compiled: Allowed | undefined

  constructor(access: Access, allowed: () => Designation, capability: 'fs.read' | 'fs.watch' = 'fs.read') {
    this.#access = access
    this.#allowed = allowed
    this.#capability = capability
  }

  /** Refuses names that cannot be allowed, before the file system is touched. */
  checkName(path: string): void {
    if (path.includes('\0')) throw this.#access.error('invalid', 'Cannot use the path: it has a NUL character')
    if (this.#access.trusted) return
    const named = resolve(path)
    if (!isAbsolute(path) || !this.#patterns().some((allowed) => within(allowed.base, named))) throw this.#denied(path)
  }

  /** Whether a directory may hold, or be above, anything that is allowed: a search need not look elsewhere. */
  mayEnter(directory: string): boolean {
    const named = resolve(directory === '' ? '.' : directory)
    return this.#patterns().some(({ base }) => within(named, base) || within(base, named))
  }

  /**
   * Runs a call on what the path leads to now: the file is held while it is looked at, so that nobody can put another in
   * its place between the check and the call. `run` gets a name of the held file; opening it opens no other.
   */
  async use<T>(path: string, run: (held: string) => Promise<T>): Promise<T> {
    this.checkName(path)
    if (this.#access.trusted) return run(path)
    const fd = await hold(path)
    if (fd === undefined) return run(await this.#resolve(path))
    try {
      const held = `/proc/self/fd/${fd}`
      if (!(await this.#permits(await readlink(held), path))) throw this.#denied(path)
      this.#access.used(this.#capability)
      return await run(held)
    } finally {
      await closeFile(fd)
    }
  }

  /** As {@link use}, but for a link itself: its directory must be allowed. */
  useLink<T>(path: string, run: (held: string) => Promise<T>): Promise<T> {
    if (this.#access.trusted) return run(path)
    return this.use(dirname(path), (directory) => run(join(directory, basename(path))))
  }

  /** For calls that return at once and follow a name for longer than they last. */
  checkNow(path: string): void {
    this.checkName(path)
    if (this.#access.trusted) return
    // What does not exist yet is watched through its directory.
    const real = realNow(path) ?? realNow(dirname(path))
    if (real !== undefined && !this.#patterns().some(({ base }) => within(realNow(base) ?? base, real)))
      throw this.#denied(path)
  }

  /** Where the system cannot hold a file by its path: what it leads to a moment before the call. */
  async #resolve(path: string): Promise<string> {
    const real = await realpath(path)
    if (!(await this.#permits(real, path))) throw this.#denied(path)
    this.#access.used(this.#capability)
    return real
  }

  /** Those of the paths that are allowed; the others are as if they were not there. */
  async keep(paths: readonly string[]): Promise<readonly string[]> {
    const kept: string[] = []
    for (const path of paths) {
      const real = await realpath(path).catch(() => undefined)
      if (real !== undefined && (await this.#permits(real, path))) kept.push(path)
    }
    return kept
  }

  async #permits(real: string, named: string): Promise<boolean> {
    for (const { base, pattern } of this.#patterns()) {
      const realBase = await realpath(base).catch(() => base)
      if (!within(realBase, real)) continue
      if (pattern === undefined || pattern.matches(resolve(named))) return true
    }
    return false
  }

  #patterns(): Allowed['patterns'] {
    const source = this.#allowed()
    if (this.#compiled?.source !== source) {
      const roots = source.granted.map((root) => ({ base: resolve(root), pattern: undefined }))
      const named = source.designated.filter(isAbsolute).map((text) => {
        const pattern = new GlobPattern(resolve(text))
        return { base: pattern.base, pattern }
      })
      this.#compiled = { source, patterns: [...roots, ...named] }
    }
    return this.#compiled.patterns
  }

  #denied(path: string): Error {
    return this.#access.denied(this.#capability, path, 'no grant or argument names it')
  }
}

/** A descriptor that only stands for the file: getting it reads nothing, waits for nobody, and wakes no device. */
function hold(path: string): Promise<number | undefined> {
  if (!holds) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => open(path, openAsPath, (error, fd) => (error ? reject(error) : resolve(fd))))
}

function closeFile(fd: number): Promise<void> {
  return new Promise((resolve) => close(fd, () => resolve()))
}

function realNow(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function within(root: string, path: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`)
}
