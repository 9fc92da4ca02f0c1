import { ArchiveError } from './archive-error.ts'
import type { ArchiveLimits } from './archive-limits.ts'

/** Names that Windows opens as devices, whatever their extension. */
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /[\u0000-\u001f\u007f-\u009f\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** The paths of one archive: each is checked by itself and against those before it. */
export class EntryPaths {
  readonly #limits: ArchiveLimits
  /** Folded path → whether it is a file (or a folder that some file lies in). Bounded by entries × depth. */
  readonly #seen = new Map<string, 'file' | 'folder'>()

  constructor(limits: ArchiveLimits) {
    this.#limits = limits
  }

  /** @throws ArchiveError `path_invalid` or `path_collision`. */
  add(path: string): void {
    const segments = path.split('/')
    const problem = this.#problem(path, segments)
    if (problem) throw new ArchiveError('path_invalid', `Cannot accept the path ${JSON.stringify(path)}: ${problem}`)
    for (let depth = 1; depth <= segments.length; depth++) {
      this.#claim(path, fold(segments.slice(0, depth).join('/')), depth === segments.length ? 'file' : 'folder')
    }
  }

  #claim(path: string, folded: string, kind: 'file' | 'folder'): void {
    const before = this.#seen.get(folded)
    if (before === 'file' || (before === 'folder' && kind === 'file')) {
      throw new ArchiveError(
        'path_collision',
        `Cannot accept the path ${JSON.stringify(path)}: another entry has the same name on some file systems`,
      )
    }
    this.#seen.set(folded, kind)
  }

  #problem(path: string, segments: readonly string[]): string | undefined {
    if (Buffer.byteLength(path) > this.#limits.pathBytesMax) return `want at most ${this.#limits.pathBytesMax} bytes`
    if (segments.length > this.#limits.depthMax) return `want at most ${this.#limits.depthMax} levels`
    if (path !== path.normalize('NFC')) return 'want Unicode in normal form NFC'
    if (forbidden.test(path)) return 'found a character that some file systems do not take'
    for (const segment of segments) {
      if (segment === '' || segment === '.' || segment === '..')
        return 'want a relative path without empty, "." or ".." parts'
      if (segment.endsWith('.') || segment.endsWith(' ')) return 'found a part that ends with a dot or a space'
      if (windowsDevice.test(segment)) return 'found a name that is reserved on Windows'
    }
    return undefined
  }
}

/** One text for the names that a case-insensitive or normalizing file system takes for one. */
function fold(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
