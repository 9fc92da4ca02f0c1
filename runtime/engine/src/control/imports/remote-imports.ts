import type { LockedSource } from '@ingot/manifest'
import { sourceDifference } from '@ingot/loader'
import type { Health } from '../health.ts'
import type { RemoteContent, RemoteSource } from './remote-source.ts'

export interface RemoteImportsOptions {
  readonly cacheDir: string
  /** Folder of durable data, where clones outlive the process; without it they are in the cache. */
  readonly storageDir?: string
  /** Only what was fetched earlier is used, and nobody is asked. */
  readonly offline?: boolean
  /** What is fetched is kept for whoever starts from the lockfile later. */
  readonly keepAll?: boolean
  /** Called when an import has other content than the configuration that runs. */
  readonly onChange?: (id: string) => void
  readonly log?: (level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>>) => void
}

/** An import whose content a load asks for. */
export interface RemoteRequest {
  readonly id: string
  /** Tells this block's arguments from those of another load. */
  readonly key: string
  /** Time between two looks; 0: none. */
  readonly pollMs: number
  readonly source: () => RemoteSource
  /** What the lockfile says, and whether anything else may be used. */
  readonly pinned: LockedSource | undefined
  readonly frozen: boolean
}

export interface RemoteAnswer {
  readonly content: RemoteContent
  readonly address: string
  /** Why the remote could not be asked: the content is what it had earlier. */
  readonly stale: string | undefined
}

/** A block as a configuration uses it. */
export interface UsedRemote {
  readonly id: string
  readonly key: string
}

export interface ImportHealth extends Health {
  readonly id: string
}

/**
 * The content of `import.git` and `import.http` over all loads of a collector: each block is fetched once, polled while
 * the configuration that runs has it, and keeps its last good content when it cannot be reached.
 */
export class RemoteImports {
  readonly options: RemoteImportsOptions
  readonly #held = new Map<string, HeldImport>()
  readonly #opening = new Set<HeldImport>()

  constructor(options: RemoteImportsOptions) {
    this.options = options
  }

  /** The content to load. `undefined`: nothing is here, and nobody may be asked. @throws what the source throws. */
  async content(request: RemoteRequest): Promise<RemoteAnswer | undefined> {
    const known = this.#held.get(request.key)
    if (known) return known.take()
    const held = new HeldImport(request, this.options)
    this.#opening.add(held)
    try {
      const answer = await held.open()
      if (answer) this.#held.set(request.key, held)
      else await held.close()
      return answer
    } catch (error) {
      await held.close()
      throw error
    } finally {
      this.#opening.delete(held)
    }
  }

  /** Polls exactly these; what else loads have asked for is forgotten. */
  use(imports: readonly UsedRemote[]): void {
    const used = new Set(imports.map(({ key }) => key))
    for (const [key, held] of this.#held) {
      if (used.has(key)) held.startPolling()
      else {
        this.#held.delete(key)
        void held.close()
      }
    }
  }

  health(): readonly ImportHealth[] {
    return [...this.#held.values()].map(({ id, health }) => ({ id, ...health }))
  }

  async close(): Promise<void> {
    const all = [...this.#held.values(), ...this.#opening]
    this.#held.clear()
    await Promise.all(all.map((held) => held.close()))
  }
}

class HeldImport {
  readonly id: string
  health: Health = { state: 'unknown', message: 'not loaded yet', updatedTime: new Date() }
  readonly #request: RemoteRequest
  readonly #options: RemoteImportsOptions
  readonly #source: RemoteSource
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #polling: Promise<void> | undefined
  /** The newest that may be used. */
  #content: RemoteContent | undefined

  constructor(request: RemoteRequest, options: RemoteImportsOptions) {
    this.id = request.id
    this.#request = request
    this.#options = options
    this.#source = request.source()
  }

  async open(): Promise<RemoteAnswer | undefined> {
    let stale: string | undefined
    if (this.#options.offline) this.#content = await this.#source.kept()
    else {
      try {
        this.#content = await this.#source.fetch(this.#abort.signal)
        this.#set('healthy', 'fetched')
        if (this.#options.keepAll || this.#isPinned(this.#content)) await this.#source.keep(this.#content)
      } catch (error) {
        this.#content = await this.#kept()
        if (!this.#content) throw error
        stale = (error as Error).message
        this.#set('unhealthy', `cannot be fetched: ${stale}`)
      }
    }
    return this.#content && this.take(stale)
  }

  async take(stale?: string): Promise<RemoteAnswer> {
    const content = this.#content!
    if (!this.#options.offline) await this.#source.place(content)
    return { content, address: this.#source.address, stale }
  }

  startPolling(): void {
    const { pollMs } = this.#request
    if (pollMs > 0 && !this.#abort.signal.aborted)
      this.#timer ??= setTimeout(() => {
        this.#polling = this.#poll().finally(() => {
          this.#timer = undefined
          this.startPolling()
        })
      }, pollMs).unref()
  }

  async close(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#polling
    await this.#source.close()
  }

  /** What stands in for the remote: what is pinned; else what a collector's own clone had. */
  async #kept(): Promise<RemoteContent | undefined> {
    const { pinned, frozen } = this.#request
    if (pinned && (frozen || this.#options.storageDir === undefined)) return this.#source.kept(pinned)
    return frozen || this.#options.storageDir === undefined ? undefined : this.#source.remembered()
  }

  async #poll(): Promise<void> {
    const { frozen, pinned } = this.#request
    try {
      const found = await this.#source.fetch(this.#abort.signal)
      const moved = frozen && pinned ? sourceDifference(pinned, found.found) : undefined
      if (moved !== undefined) return this.#set('unhealthy', `not updated: ${moved}`)
      this.#set('healthy', 'fetched')
      if (isSame(found, this.#content!)) return
      this.#content = found
      this.#options.onChange?.(this.id)
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#set('unhealthy', `cannot be fetched: ${(error as Error).message}`)
    }
  }

  #isPinned({ found }: RemoteContent): boolean {
    const { pinned, frozen } = this.#request
    return frozen && pinned !== undefined && sourceDifference(pinned, found) === undefined
  }

  /** Told when it changes, not at every look. */
  #set(state: 'healthy' | 'unhealthy', message: string): void {
    const before = this.health
    if (before.state === state && before.message === message) return
    this.health = { state, message, updatedTime: new Date() }
    if (state === 'unhealthy')
      this.#options.log?.('warn', 'import is unhealthy: what it had goes on', { import: this.id, error: message })
    else if (before.state === 'unhealthy') this.#options.log?.('info', 'import is healthy again', { import: this.id })
  }
}

function isSame({ found: a }: RemoteContent, { found: b }: RemoteContent): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
