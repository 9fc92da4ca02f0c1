import { auditModules, LoaderError, ModuleCache, type Finding, type RegistryConfig } from '@ingot/loader'
import { moduleKey, type Lockfile } from '@ingot/manifest'

/** Looks of many collectors that were started together drift apart by as much of the time between two. */
const jitter = 0.1

/** A registry, and how often it is asked about the modules that are pinned from it. */
export interface WatchedRegistry extends RegistryConfig {
  /** Time between two looks; 0: none. */
  readonly pollMs: number
}

/** What a configuration has loaded of registries. */
export interface PinnedSet {
  /** The pins that it uses, and nothing else of the lock. */
  readonly lock: Lockfile
  readonly registries: readonly WatchedRegistry[]
}

/** Something that speaks against a module that runs. */
export interface ModuleFinding extends Pick<Finding, 'kind' | 'message' | 'registry'> {
  /** `@acme/redact@1.4.2`. */
  readonly module: string
}

export interface ModuleWatchOptions {
  readonly cacheDir: string
  /** No registry is asked. */
  readonly offline: boolean
  /** The key that vouched for a module was revoked, and its registry's block wants it not to run then. */
  readonly onBlocked: (module: string, reason: string) => void
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>) => void
}

export interface RegistryLook {
  readonly registry: string
  /** Whether it answered the last time that it was asked; `undefined`: it has not been asked. */
  readonly answered: boolean | undefined
}

/**
 * What registries say by now of the modules that run: asked now and then, beside everything else. Whatever they say, or
 * do not, the modules run on; but for revoked keys where the configuration wants that to end them.
 */
export class ModuleWatch {
  readonly #options: ModuleWatchOptions
  readonly #looks = new Map<string, RegistryWatch>()

  constructor(options: ModuleWatchOptions) {
    this.#options = options
  }

  /** Watches exactly these. A registry whose modules are the same is not asked out of turn. */
  use({ lock, registries }: PinnedSet): void {
    const wanted = this.#options.offline ? [] : registries.filter(({ name, pollMs }) => pollMs > 0 && uses(lock, name))
    for (const [name, look] of this.#looks) {
      if (wanted.some((registry) => registry.name === name)) continue
      look.close()
      this.#looks.delete(name)
    }
    for (const registry of wanted) {
      const part = partOf(lock, registry.name)
      const key = JSON.stringify([registry, part])
      const known = this.#looks.get(registry.name)
      if (known?.key === key) continue
      known?.close()
      const next = new RegistryWatch(key, registry, part, this.#options)
      this.#looks.set(registry.name, next)
      next.start(known?.findings ?? [])
    }
  }

  /** What speaks against modules that run. */
  get findings(): readonly ModuleFinding[] {
    return [...this.#looks.values()].flatMap(({ findings }) => findings)
  }

  get looks(): readonly RegistryLook[] {
    return [...this.#looks].map(([registry, { answered }]) => ({ registry, answered }))
  }

  close(): void {
    for (const look of this.#looks.values()) look.close()
    this.#looks.clear()
  }
}

/** One registry, as it is asked about the same modules over and over. */
class RegistryWatch {
  readonly key: string
  readonly #registry: WatchedRegistry
  readonly #lock: Lockfile
  readonly #options: ModuleWatchOptions
  #timer: NodeJS.Timeout | undefined
  #closed = false
  answered: boolean | undefined
  findings: readonly ModuleFinding[] = []

  constructor(key: string, registry: WatchedRegistry, lock: Lockfile, options: ModuleWatchOptions) {
    this.key = key
    this.#registry = registry
    this.#lock = lock
    this.#options = options
  }

  /** @param before what was known of the modules that it had until now */
  start(before: readonly ModuleFinding[]): void {
    this.findings = before.filter(({ module }) => module in this.#lock.modules)
    this.#next(0)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #next(waitMs: number): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      const { pollMs } = this.#registry
      void this.#look().finally(() => this.#next(pollMs * (1 - jitter + 2 * jitter * Math.random())))
    }, waitMs).unref()
  }

  async #look(): Promise<void> {
    const { cacheDir, log } = this.#options
    const registry = this.#registry.name
    try {
      const cache = new ModuleCache(cacheDir)
      const found = await auditModules({ lock: this.#lock, registries: [this.#registry], cache, now: new Date() })
      if (this.#closed) return
      if (this.answered === false) log('info', 'registry answers again', { registry })
      this.answered = true
      this.#tell(found.flatMap(asModuleFinding))
      this.#block(found)
    } catch (error) {
      if (this.#closed) return
      // What was found before holds until the registry says otherwise.
      const what = error instanceof LoaderError ? error.message : String((error as Error).stack)
      if (this.answered !== false)
        log('warn', 'registry cannot be asked about pinned modules', { registry, error: what })
      this.answered = false
    }
  }

  /** Told when something is found or is no longer so, not at every look. */
  #tell(found: readonly ModuleFinding[]): void {
    const before = new Set(this.findings.map(textOf))
    const now = new Set(found.map(textOf))
    for (const finding of found) {
      if (before.has(textOf(finding))) continue
      const { module, kind, message } = finding
      this.#options.log('warn', 'pinned module is warned of', { module, kind, message, hint: 'ingot module audit' })
    }
    for (const { module, kind, message, ...rest } of this.findings) {
      if (now.has(textOf({ module, kind, message, ...rest }))) continue
      this.#options.log('info', 'pinned module is no longer warned of', { module, kind, message })
    }
    this.findings = found
  }

  #block(found: readonly Finding[]): void {
    if (this.#registry.onRevoked !== 'block') return
    for (const { kind, module, version, message } of found) {
      if (kind === 'revoked') this.#options.onBlocked(moduleKey(module!, version!), message)
    }
  }
}

/** What is merely deprecated, and what is about a registry as a whole, is for whoever chooses versions. */
function asModuleFinding({ kind, module, version, message, registry }: Finding): ModuleFinding[] {
  if (module === undefined || version === undefined || kind === 'deprecated') return []
  return [{ kind, module: moduleKey(module, version), message, registry }]
}

function textOf({ module, kind, message }: ModuleFinding): string {
  return JSON.stringify([module, kind, message])
}

function uses(lock: Lockfile, registry: string): boolean {
  return Object.values(lock.modules).some(({ from }) => from === registry)
}

function partOf(lock: Lockfile, registry: string): Lockfile {
  const modules = Object.entries(lock.modules).filter(([, { from }]) => from === registry)
  const known = lock.registries[registry]
  return {
    lockfileVersion: lock.lockfileVersion,
    registries: known ? { [registry]: known } : {},
    imports: {},
    modules: Object.fromEntries(modules),
  }
}
