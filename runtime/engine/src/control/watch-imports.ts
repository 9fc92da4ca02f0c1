import { createHash } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readSources, type SourceText } from './read-sources.ts'

/** Changes that come this close together are one: an editor writes, renames and sets times. */
const settleMs = 100

/** A file or folder that an import was read from. */
export interface WatchedImport {
  /** Id of the import's node. */
  readonly id: string
  /** As the import names it. */
  readonly path: string
  readonly detector: 'fsnotify' | 'poll'
  readonly pollMs: number
  /** Of what was read: see {@link sourcesDigest}. */
  readonly digest: string
}

/** Notices when what imports were read from changes. A folder's notification only makes it look: content decides. */
export class ImportWatch {
  readonly #onChange: (id: string) => void
  readonly #watchers = new Map<string, Watcher>()

  constructor(onChange: (id: string) => void) {
    this.#onChange = onChange
  }

  /** Watches exactly these. */
  async set(imports: readonly WatchedImport[]): Promise<void> {
    const wanted = new Map(imports.map((one) => [watchKey(one), one]))
    for (const [key, watcher] of this.#watchers) {
      if (wanted.has(key)) continue
      watcher.close()
      this.#watchers.delete(key)
    }
    for (const [key, one] of wanted) {
      const known = this.#watchers.get(key)
      if (known) known.digest = one.digest
      else this.#watchers.set(key, await Watcher.open(one, this.#onChange))
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}

/** What two reads of the same sources have in common. */
export function sourcesDigest(texts: readonly SourceText[]): string {
  const hash = createHash('sha256')
  for (const { name, text } of texts) hash.update(JSON.stringify([name, text]))
  return hash.digest('hex')
}

function watchKey({ id, path, detector, pollMs }: WatchedImport): string {
  return JSON.stringify([id, path, detector, pollMs])
}

class Watcher {
  digest: string
  readonly #import: WatchedImport
  readonly #onChange: (id: string) => void
  #notifier: FSWatcher | undefined
  #poll: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined
  #closed = false

  private constructor(watched: WatchedImport, onChange: (id: string) => void) {
    this.#import = watched
    this.digest = watched.digest
    this.#onChange = onChange
  }

  static async open(watched: WatchedImport, onChange: (id: string) => void): Promise<Watcher> {
    const watcher = new Watcher(watched, onChange)
    if (watched.detector === 'poll') watcher.#startPolling()
    else await watcher.#startNotifying()
    // What has changed since it was read and before it was watched.
    watcher.#look()
    return watcher
  }

  close(): void {
    this.#closed = true
    this.#notifier?.close()
    clearInterval(this.#poll)
    clearTimeout(this.#settling)
  }

  /** The folder of a file is watched, not the file: editors and configuration maps put another one in its place. */
  async #startNotifying(): Promise<void> {
    const { path } = this.#import
    try {
      const folder = (await stat(path)).isDirectory() ? path : dirname(path)
      this.#notifier = watch(folder, { persistent: false }, () => this.#look())
      this.#notifier.on('error', () => this.#startPolling())
    } catch {
      this.#startPolling()
    }
  }

  /** Also where the system gives no notifications. */
  #startPolling(): void {
    this.#poll ??= setInterval(() => void this.#compare(), this.#import.pollMs).unref()
  }

  #look(): void {
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => void this.#compare(), settleMs).unref()
  }

  async #compare(): Promise<void> {
    const found = await readSources(this.#import.path).then(sourcesDigest, (error: Error) => error.message)
    if (this.#closed || found === this.digest) return
    this.digest = found
    this.#onChange(this.#import.id)
  }
}
