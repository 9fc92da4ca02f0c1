import { opendir, stat } from 'node:fs/promises'
import type { CapabilityErrorCode } from '@ingot/sdk'
import { GlobPattern, matchSegment, type Segment } from './glob-pattern.ts'

/** Directory entries that one glob may look at: a pattern like `/**` on a large host must end. */
const visitedEntriesMax = 2_000_000
/** Directories below each other that `**` follows. */
const depthMax = 64

export interface GlobOptions {
  readonly exclude?: string | undefined
  readonly matchesMax: number
  /** Entries that may be looked at, where fewer than {@link visitedEntriesMax}. */
  readonly visitedMax?: number
  /** Whether to look into a directory at all. */
  readonly enters?: (directory: string) => boolean
  readonly fail: (code: CapabilityErrorCode, message: string) => Error
}

/**
 * Files and directories that a doublestar pattern names, sorted. Symbolic links are followed where the pattern names
 * them, but not by `**`, so that a link to a parent directory ends.
 * @throws what `fail` makes of `invalid` (malformed pattern) and `too_large` (too many matches or entries).
 */
export async function globFiles(pattern: string, options: GlobOptions): Promise<string[]> {
  const compiled = compile(pattern, options)
  const exclude =
    options.exclude === undefined || options.exclude === '' ? undefined : compile(options.exclude, options)
  const walk = new Walk(options, exclude)
  for (const segments of compiled.alternatives) {
    const absolute = segments[0]?.text === ''
    await walk.visit(absolute ? '/' : '', segments, absolute ? 1 : 0, 0)
  }
  return [...walk.matches].sort(byCodeUnit)
}

class Walk {
  readonly matches = new Set<string>()
  readonly #options: GlobOptions
  readonly #exclude: GlobPattern | undefined
  #visited = 0

  constructor(options: GlobOptions, exclude: GlobPattern | undefined) {
    this.#options = options
    this.#exclude = exclude
  }

  /** `directory` matched everything before `segments[at]`. */
  async visit(directory: string, segments: readonly Segment[], at: number, depth: number): Promise<void> {
    const segment = segments[at]
    if (segment === undefined) return
    const last = at === segments.length - 1
    if (segment.plain) {
      const path = join(directory, segment.text)
      if (!last) await this.visit(path, segments, at + 1, depth)
      else if (await exists(path)) this.#add(path)
    } else if (segment.deep) await this.#visitDeep(directory, segments, at, depth)
    else {
      for (const entry of await this.#entries(directory)) {
        if (!matchSegment(segment, entry.name)) continue
        const path = join(directory, entry.name)
        if (last) this.#add(path)
        else if (entry.directory || entry.link) await this.visit(path, segments, at + 1, depth)
      }
    }
  }

  async #visitDeep(directory: string, segments: readonly Segment[], at: number, depth: number): Promise<void> {
    const last = at === segments.length - 1
    if (last) {
      if (directory !== '' && (await exists(directory))) this.#add(directory)
    } else await this.visit(directory, segments, at + 1, depth)
    if (depth >= depthMax) return
    for (const entry of await this.#entries(directory)) {
      const path = join(directory, entry.name)
      if (entry.directory) await this.#visitDeep(path, segments, at, depth + 1)
      else if (last) this.#add(path)
    }
  }

  async #entries(directory: string): Promise<{ name: string; directory: boolean; link: boolean }[]> {
    const found: { name: string; directory: boolean; link: boolean }[] = []
    const visitedMax = this.#options.visitedMax ?? visitedEntriesMax
    if (this.#options.enters?.(directory) === false) return found
    try {
      for await (const entry of await opendir(directory === '' ? '.' : directory)) {
        if (++this.#visited > visitedMax) break
        found.push({ name: entry.name, directory: entry.isDirectory(), link: entry.isSymbolicLink() })
      }
    } catch {
      // A directory that is gone, unreadable or none: it has no matches, as in doublestar.
      return []
    }
    if (this.#visited > visitedMax) {
      throw this.#options.fail('too_large', `Cannot match the pattern: more than ${visitedMax} directory entries`)
    }
    return found
  }

  #add(path: string): void {
    if (this.#exclude?.matches(path)) return
    this.matches.add(path)
    if (this.matches.size > this.#options.matchesMax) {
      throw this.#options.fail('too_large', `Cannot match the pattern: more than ${this.#options.matchesMax} matches`)
    }
  }
}

function compile(pattern: string, options: GlobOptions): GlobPattern {
  try {
    return new GlobPattern(pattern)
  } catch (error) {
    throw options.fail('invalid', (error as Error).message)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function join(directory: string, name: string): string {
  if (directory === '') return name
  return directory === '/' ? `/${name}` : `${directory}/${name}`
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
