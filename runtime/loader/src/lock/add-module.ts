import type { IndexLine, Lockfile } from '@ingot/manifest'
import { rcompare, satisfies, validRange } from 'semver'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { registryOf, type RegistryConfig } from '../registry/registry-config.ts'
import { importKey } from './import-request.ts'
import { emptyLock } from './lock-file.ts'
import { lockModule } from './locked-module.ts'

export interface AddOptions {
  readonly file: string
  readonly namespace: string
  readonly module: string
  /** Without it, the newest version is taken and everything compatible with it is wanted. */
  readonly version?: string
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
}

export interface AddedModule {
  /** The old lock with this import in it. The caller writes it. */
  readonly lock: Lockfile
  readonly module: CachedModule
  readonly version: string
  /** What the configuration should say. */
  readonly range: string
  readonly registry: RegistryConfig
  /** Newer versions that were not taken, and why. */
  readonly rejected: readonly { readonly version: string; readonly reason: string }[]
}

/** Resolves a range to a version, fetches and verifies it, and pins it. @throws LoaderError */
export async function addModule(options: AddOptions): Promise<AddedModule> {
  const registry = registryOf(options.module, options.registries)
  const locked = options.lock?.registries[registry.name]
  const client = new RegistryClient(registry, { cacheDir: options.cache.dir, locked })
  const { chosen, rejected } = choose(options, (await client.versions(options.module)).lines)
  const wanted = { module: options.module, version: chosen.v, integrity: chosen.integrity }
  const cached = await options.cache.open(chosen.integrity)
  // Bytes in the cache may have come from elsewhere: what this registry states about them is asked for all the same.
  if (cached) await client.statement(options.module, chosen.v, chosen.integrity)
  const module = cached ?? (await fetchModule(wanted, client, options.cache))
  const range = options.version ?? `^${chosen.v}`
  return {
    lock: pin(options, client, module, range, chosen.published),
    module,
    version: chosen.v,
    range,
    registry,
    rejected,
  }
}

function choose(
  options: AddOptions,
  lines: readonly IndexLine[],
): { chosen: IndexLine; rejected: AddedModule['rejected'] } {
  const range = options.version ?? '*'
  if (validRange(range) === null) {
    throw new LoaderError({
      code: 'version-not-found',
      message: `Cannot add "${options.module}": found version "${range}", want a version or a range such as "^1.4.0"`,
    })
  }
  const rejected: { version: string; reason: string }[] = []
  for (const line of [...lines].sort((a, b) => rcompare(a.v, b.v))) {
    const reason = whyNot(line, range)
    if (reason === undefined) return { chosen: line, rejected }
    rejected.push({ version: line.v, reason })
  }
  const found = rejected.map(({ version, reason }) => `${version} (${reason})`).join(', ')
  throw new LoaderError({
    code: 'version-not-found',
    message: `Cannot add "${options.module}@${range}": found ${found === '' ? 'no version' : found}`,
  })
}

/** Why a version may not be taken; `undefined` when it may. */
function whyNot(line: IndexLine, range: string): string | undefined {
  if (!satisfies(line.v, range))
    return line.v.includes('-') ? 'a prerelease that the range does not name' : `outside of "${range}"`
  if (line.status !== 'active') return line.status
  if (line.api !== 1) return `needs version ${line.api} of the SDK's contract, and this is 1`
  return undefined
}

function pin(
  options: AddOptions,
  client: RegistryClient,
  module: CachedModule,
  range: string,
  published: string,
): Lockfile {
  const old = options.lock ?? emptyLock()
  const { name: from } = client.registry
  const [key, entry] = lockModule(module, { from, range, published })
  const imports = { ...old.imports, [importKey(options)]: key }
  const pinned = new Set(Object.values(imports))
  // What no import leads to any more is not pinned any more.
  const kept = Object.entries(old.modules).filter(([name]) => pinned.has(name))
  const modules = { ...Object.fromEntries(kept), [key]: entry }
  const used = new Set(Object.values(modules).map(({ from }) => from))
  const registries = Object.fromEntries(Object.entries(old.registries).filter(([name]) => used.has(name)))
  registries[from] = client.locked()
  return { ...old, registries, imports, modules }
}
