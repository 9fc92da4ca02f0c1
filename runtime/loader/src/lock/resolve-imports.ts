import type { Lockfile, ModuleManifest } from '@ingot/manifest'
import { satisfies } from 'semver'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { loadedComponents, type LoadedComponent } from '../distribution/distribution.ts'
import { loadedFunctions, type LoadedFunctions } from '../distribution/loaded-functions.ts'
import { gatherProblems, LoaderError } from '../loader-error.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { offlineTransport } from '../registry/transport.ts'
import { isVendored, vendoredClient } from '../vendor/vendored-registry.ts'
import { isTrusted, type TrustedKeys } from './is-trusted.ts'
import { importKey, type ImportRequest } from './import-request.ts'
import { matchLock, type MatchedImport } from './match-lock.ts'

export interface ResolveOptions {
  readonly imports: readonly ImportRequest[]
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
  readonly trust?: TrustedKeys
  /** Copies of registries beside the lock: what they hold is not asked for elsewhere. */
  readonly vendorDir?: string
  /** No registry is asked. */
  readonly offline?: boolean
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
  /** Why the key was revoked that vouched for it, where that is known here. */
  readonly revoked?: string
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
      const client = () => clientOf(matched, clients, options)
      const module = await loadPinned(matched, client, options.cache)
      const trusted = await isTrusted(matched, module, { ...options, client })
      const revoked = await revocationOf(matched, client, options)
      const found = imported(request, module, matched.registry.name, trusted)
      return [importKey(request), revoked === undefined ? found : { ...found, revoked }] as const
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

/** By what was learned of the registry's keys last: nobody is asked, so that a start depends on nothing. */
async function revocationOf(
  { module, version, registry, locked: { integrity } }: MatchedImport,
  client: () => RegistryClient,
  { cache }: ResolveOptions,
): Promise<string | undefined> {
  const bundle = registry.root === undefined ? undefined : await cache.bundle(integrity)
  // What is remembered may be damaged: that stops choices, and no start.
  const reason =
    bundle &&
    (await client()
      .keptRevocation(bundle)
      .catch(() => undefined))
  if (reason === undefined || registry.onRevoked !== 'block') return reason
  throw new LoaderError({
    code: 'module-revoked',
    message: `Cannot load "${module}@${version}": the key that vouched for it was revoked: ${reason}`,
    hint: 'pin a version that is vouched for (ingot module update), or set on_revoked = "warn" in the registry block',
  })
}

function clientOf(
  { registry, locked: { integrity } }: MatchedImport,
  clients: Map<string, RegistryClient>,
  { cache, lock, vendorDir, offline = false }: ResolveOptions,
): RegistryClient {
  const copy = vendorDir !== undefined && isVendored(vendorDir, registry.name, integrity) ? vendorDir : undefined
  const key = `${copy === undefined ? 'registry' : 'copy'} ${registry.name}`
  const known = clients.get(key)
  if (known) return known
  const remembered = { cacheDir: cache.dir, locked: lock?.registries[registry.name] }
  const client =
    copy === undefined
      ? new RegistryClient(registry, { ...remembered, ...(offline && { transport: offlineTransport(registry) }) })
      : vendoredClient(registry, copy, remembered)
  clients.set(key, client)
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
