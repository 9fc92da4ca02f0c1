import { moduleKey, parseModuleKey, type LockedModule, type Lockfile } from '@ingot/manifest'
import { satisfies } from 'semver'
import type { ModuleCache } from '../cache/module-cache.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { registryOf, type RegistryConfig } from '../registry/registry-config.ts'
import type { Advisory, LockedVersion } from '../resolve/candidates.ts'
import type { ModuleIndex, Requirement } from '../resolve/requirement.ts'
import { resolveGraph, type Resolution, type ResolvedModule } from '../resolve/resolve-graph.ts'
import { defaultPolicy, type ResolutionPolicy } from '../resolve/resolution-policy.ts'
import { importKey, type ImportRequest } from './import-request.ts'
import { emptyLock } from './lock-file.ts'
import { lockModule } from './locked-module.ts'

/** Version of the runtime, which modules may name as `engine`. */
const engine = '0.1.0'
/** Indexes that are asked for at once. */
const parallelReads = 8

export interface PlannedImport extends ImportRequest {
  /** Nothing is written down yet, and the newest version is wanted. */
  readonly newest?: boolean
}

export interface PlanOptions {
  readonly imports: readonly PlannedImport[]
  /** The file whose imports these all are. What the lock holds for other imports stays. */
  readonly file?: string
  /** Modules that are to get newer versions; all, or none without it. */
  readonly update?: 'all' | readonly string[]
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
  /** In place of those of the modules' registries. */
  readonly advisories?: readonly Advisory[]
  /** Told what was asked of registries so far. */
  readonly onProgress?: (progress: PlanProgress) => void
}

export interface PlanProgress {
  readonly state: 'reading' | 'fetching'
  readonly module: string
}

/** The lock as it should be, and how it came about. The caller writes it. */
export interface LockPlan {
  readonly lock: Lockfile
  readonly resolution: Resolution
}

/** The versions that a lock would pin: nothing is fetched but indexes. @throws LoaderError */
export async function resolveLock(options: PlanOptions): Promise<Resolution> {
  const old = options.lock ?? emptyLock()
  return new PlanSession(options, old).resolve(allImports(options, old).map(requirementOf))
}

/** Resolves imports and everything that they lead to, fetches and verifies what is new, and pins it. @throws LoaderError */
export async function planLock(options: PlanOptions): Promise<LockPlan> {
  const old = options.lock ?? emptyLock()
  const imports = allImports(options, old)
  const session = new PlanSession(options, old)
  const resolution = await session.resolve(imports.map(requirementOf))
  return { lock: await session.lock(imports, resolution), resolution }
}

/** Imports in their order in the lock, with those that it has beside the ones at hand. */
function allImports({ imports, file }: PlanOptions, lock: Lockfile): readonly PlannedImport[] {
  const given = new Set(imports.map(importKey))
  const others = Object.entries(lock.imports).filter(([key]) => !given.has(key))
  const kept = others.map(([key, pinned]) => lockedImport(key, pinned, lock)).filter((found) => found !== undefined)
  return [...imports, ...kept.filter((found) => found.file !== file)].sort((a, b) =>
    importKey(a) < importKey(b) ? -1 : 1,
  )
}

/** An import as the lock has it, with the range that its version was chosen for as far as that is known. */
function lockedImport(key: string, pinned: string, lock: Lockfile): PlannedImport | undefined {
  const hash = key.lastIndexOf('#')
  const found = parseModuleKey(pinned)
  const entry = lock.modules[pinned]
  if (!found || !entry) return undefined
  const version = satisfies(found.version, entry.range) ? entry.range : found.version
  return { file: key.slice(0, hash), namespace: key.slice(hash + 1), module: found.name, version }
}

function requirementOf(request: PlannedImport): Requirement {
  const { module, version: range, newest = false } = request
  return { module, range, chain: [importKey(request)], newest }
}

class PlanSession {
  readonly #options: PlanOptions
  readonly #old: Lockfile
  readonly #clients = new Map<string, RegistryClient>()
  readonly #indexes = new Map<string, Promise<ModuleIndex>>()
  readonly #advisories = new Map<string, readonly Advisory[]>()
  readonly #now = new Date()

  constructor(options: PlanOptions, old: Lockfile) {
    this.#options = options
    this.#old = old
  }

  async resolve(roots: readonly Requirement[]): Promise<Resolution> {
    await this.#readAhead(roots)
    return resolveGraph({
      roots,
      index: (module) => this.#index(module),
      context: (module) => ({
        policy: this.#policy(module),
        allowQuarantined: registryOf(module, this.#options.registries).allowQuarantined ?? [],
        locked: lockedVersions(this.#old, module),
        updating: this.#isUpdated(module),
        advisories: this.#options.advisories ?? this.#advisories.get(module) ?? [],
        now: this.#now,
        engine,
      }),
    })
  }

  async lock(imports: readonly PlannedImport[], resolution: Resolution): Promise<Lockfile> {
    const modules: Record<string, LockedModule> = {}
    const registries: Lockfile['registries'] = {}
    for (const resolved of resolution.modules) {
      const { name } = registryOf(resolved.module, this.#options.registries)
      const key = moduleKey(resolved.module, resolved.line.v)
      modules[key] = await this.#pin(resolved, name)
      const now = this.#client(resolved.module).locked()
      const before = this.#old.registries[name]
      // What is known of its log is news only where something was pinned anew.
      const isSame = this.#old.modules[key] && before?.url === now.url && before.root === now.root
      registries[name] = isSame ? (registries[name] ?? before) : now
    }
    const pinned = imports.map((request, place) => {
      return [importKey(request), moduleKey(request.module, resolution.roots[place]!)]
    })
    const { overrides: _, ...old } = this.#old
    const overrides = followed(resolution, (module) => this.#policy(module))
    return {
      ...old,
      registries,
      imports: Object.fromEntries(pinned) as Lockfile['imports'],
      modules,
      ...(overrides.length === 0 ? {} : { overrides }),
    }
  }

  /** What is pinned already stays as it is, but for what it is needed by and needs. */
  async #pin({ module, line, deps, requirements }: ResolvedModule, from: string): Promise<LockedModule> {
    const version = line.v
    const { cache, onProgress } = this.#options
    const known = this.#old.modules[moduleKey(module, version)]
    const ranges = requirements.map(({ range, newest }) => (newest ? `^${version}` : range))
    const range = known && ranges.includes(known.range) ? known.range : ranges[0]!
    const more = { from, range, published: line.published, trust: line.trust, log: line.log, deps }
    if (known) return { ...known, ...more }
    const client = this.#client(module)
    const cached = await cache.open(line.integrity)
    // Bytes in the cache may have come from elsewhere: what this registry states about them is asked for all the same.
    const published = cached && (await client.published(module, version, line.integrity))
    if (published) await cache.keepBundle(line.integrity, published.bundle)
    if (!cached) onProgress?.({ state: 'fetching', module: moduleKey(module, version) })
    const fetched = cached ?? (await fetchModule({ module, version, integrity: line.integrity }, client, cache))
    return lockModule(fetched, more)[1]
  }

  /** Most of what will be asked for is known beforehand. What cannot be read is told when it is needed. */
  async #readAhead(roots: readonly Requirement[]): Promise<void> {
    const pinned = Object.keys(this.#old.modules).flatMap((key) => parseModuleKey(key)?.name ?? [])
    const waiting = [...new Set([...roots.map(({ module }) => module), ...pinned])]
    const reader = async (): Promise<void> => {
      for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) {
        await this.#index(module).catch(() => undefined)
      }
    }
    await Promise.all(Array.from({ length: parallelReads }, reader))
  }

  async #index(module: string): Promise<ModuleIndex> {
    const known = this.#indexes.get(module)
    if (known) return known
    this.#options.onProgress?.({ state: 'reading', module })
    const reading = (async () => {
      const client = this.#client(module)
      const [index, advisories] = await Promise.all([client.versions(module), client.advisories()])
      this.#advisories.set(module, advisories)
      return index
    })()
    this.#indexes.set(module, reading)
    return reading
  }

  #client(module: string): RegistryClient {
    const { registries, cache } = this.#options
    const registry = registryOf(module, registries)
    const known = this.#clients.get(registry.name)
    if (known) return known
    const client = new RegistryClient(registry, {
      cacheDir: cache.dir,
      locked: this.#old.registries[registry.name],
    })
    this.#clients.set(registry.name, client)
    return client
  }

  #policy(module: string): ResolutionPolicy {
    return registryOf(module, this.#options.registries).policy ?? defaultPolicy
  }

  #isUpdated(module: string): boolean {
    const { update } = this.#options
    return update === 'all' || (update ?? []).includes(module)
  }
}

function lockedVersions(lock: Lockfile, module: string): LockedVersion[] {
  return Object.entries(lock.modules).flatMap(([key, entry]) => {
    const found = parseModuleKey(key)
    return found?.name === module ? [{ version: found.version, ...entry }] : []
  })
}

/** The overrides that put a version where it is: a collector that is frozen to the lock accepts it by them. */
function followed(
  resolution: Resolution,
  policyOf: (module: string) => ResolutionPolicy,
): NonNullable<Lockfile['overrides']> {
  return resolution.modules.flatMap(({ module, line }) =>
    policyOf(module)
      .overrides.filter(({ select, use }) => use === line.v && select.startsWith(`${module}@`))
      .map((override) => ({ ...override })),
  )
}
