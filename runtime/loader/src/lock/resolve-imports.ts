import type { Lockfile, ModuleManifest } from '@ingot/manifest'
import { satisfies } from 'semver'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { loadedComponents, type LoadedComponent } from '../distribution/distribution.ts'
import { loadedFunctions, type LoadedFunctions } from '../distribution/loaded-functions.ts'
import { gatherProblems, LoaderError } from '../loader-error.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { isTrusted, type TrustedKeys } from './is-trusted.ts'
import { importKey, type ImportRequest } from './import-request.ts'
import { matchLock, type MatchedImport } from './match-lock.ts'

export interface ResolveOptions {
  readonly imports: readonly ImportRequest[]
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
  readonly trust?: TrustedKeys
}

/** An `import.module` block and the module that it stands for. */
export interface ImportedModule {
  readonly request: ImportRequest
  readonly manifest: ModuleManifest
  /** Where its files lie: config components are `join(dir, manifest.configs[i])`. */
  readonly dir: string
  /** Named with the namespace: `redact.pii`. */
  readonly components: readonly LoadedComponent[]
  /** Absent when it has none. */
  readonly functions?: LoadedFunctions
  /** `sha512-<base64>` of the packed module. */
  readonly integrity: string
  /** Name of the registry that it comes from, or `folder`. */
  readonly from: string
}

/**
 * Loads the modules of a configuration's imports, frozen to the lock: nothing is resolved, and a registry is asked only
 * for a pinned module that is not cached.
 * @returns the imports by `<file>#<namespace>`.
 * @throws LoaderError with one problem for every import that cannot be loaded.
 */
export async function resolveImports(options: ResolveOptions): Promise<ReadonlyMap<string, ImportedModule>> {
  const clients = new Map<string, RegistryClient>()
  const modules = await gatherProblems(options.imports, async (request) => {
    try {
      const matched = matchLock(request, options.registries, options.lock)
      const client = () => clientOf(matched.registry, clients, options)
      const module = await loadPinned(matched, client, options.cache)
      const trusted = await isTrusted(matched, module, { ...options, client })
      return [importKey(request), imported(request, module, matched.registry.name, trusted)] as const
    } catch (error) {
      throw error instanceof LoaderError ? withImport(error, importKey(request)) : error
    }
  })
  return new Map(modules)
}

async function loadPinned(
  matched: MatchedImport,
  client: () => RegistryClient,
  cache: ModuleCache,
): Promise<CachedModule> {
  const { module, version, locked, registry } = matched
  const cached = await cache.open(locked.integrity)
  const loaded = cached ?? (await fetchModule({ module, version, integrity: locked.integrity }, client(), cache))
  const { name, version: found } = loaded.manifest
  if (name !== module || found !== version || loaded.manifestIntegrity !== locked.manifest) {
    throw new LoaderError({
      code: 'lock-invalid',
      message: `Cannot load "${module}@${version}" from "${registry.name}": ingot.lock names bytes that are another module, or another manifest`,
      hint: 'restore ingot.lock from version control',
    })
  }
  return loaded
}

function clientOf(
  registry: RegistryConfig,
  clients: Map<string, RegistryClient>,
  { cache, lock }: ResolveOptions,
): RegistryClient {
  const known = clients.get(registry.name)
  if (known) return known
  const client = new RegistryClient(registry, { cacheDir: cache.dir, locked: lock?.registries[registry.name] })
  clients.set(registry.name, client)
  return client
}

/**
 * An import of a module that was packed from its folder, in place of what the lock pins.
 * @throws LoaderError `version-not-found` when the import wants another version.
 */
export function folderImport(request: ImportRequest, module: CachedModule): ImportedModule {
  const { name, version } = module.manifest
  if (!satisfies(version, request.version)) {
    throw new LoaderError({
      code: 'version-not-found',
      message: `Cannot load import.module "${request.namespace}" in "${request.file}": the configuration wants "${name}" at "${request.version}", and its folder holds ${version}`,
      import: importKey(request),
    })
  }
  return imported(request, module, 'folder')
}

/** Coming from somewhere never makes a module trusted: without a key that the user trusts it runs in a runner. */
function imported(request: ImportRequest, module: CachedModule, from: string, trusted = false): ImportedModule {
  const { manifest, dir, integrity } = module
  const components = loadedComponents(module, trusted, request.namespace)
  const functions = loadedFunctions(module, trusted)
  return { request, manifest, dir, components, ...(functions && { functions }), integrity, from }
}

function withImport(error: LoaderError, key: string): LoaderError {
  const [first, ...rest] = error.problems.map((problem) => ({ import: key, ...problem }))
  return new LoaderError([first!, ...rest], { cause: error.cause })
}
