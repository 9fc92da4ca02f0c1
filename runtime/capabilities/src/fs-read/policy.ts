import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { GlobPattern } from './glob-pattern.ts'

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

  /** Decides on what was really opened, whatever its name leads to by now. */
  async checkOpened(fd: number, path: string): Promise<void> {
    if (this.#access.trusted) return
    const real = await readlink(`/proc/self/fd/${fd}`).catch(() => realpath(path))
    if (!(await this.#permits(real, path))) throw this.#denied(path)
  }

  /** The path to use for a call that takes a name: the real path, once it is allowed. */
  async resolve(path: string): Promise<string> {
    this.checkName(path)
    if (this.#access.trusted) return path
    const real = await realpath(path).catch(() => undefined)
    if (real === undefined) throw this.#access.error('not_found', `Cannot find "${path}"`)
    if (!(await this.#permits(real, path))) throw this.#denied(path)
    this.#access.used(this.#capability)
    return real
  }

  /** As {@link resolve}, but for a link itself: its directory must be allowed. */
  async resolveLink(path: string): Promise<string> {
    if (this.#access.trusted) return path
    return join(await this.resolve(dirname(path)), basename(path))
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

function within(root: string, path: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`)
}
