import { latestVersion, moduleKey, type Lockfile } from '@ingot/manifest'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { registryOf, type RegistryConfig } from '../registry/registry-config.ts'

export interface LookUpOptions {
  readonly module: string
  /** The latest, without it. */
  readonly version?: string | undefined
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
}

/** A version as its registry has published it, fetched and verified to be looked at. Pins nothing. @throws LoaderError */
export async function lookUpVersion({
  module,
  version,
  registries,
  lock,
  cache,
}: LookUpOptions): Promise<CachedModule> {
  const registry = registryOf(module, registries)
  const client = new RegistryClient(registry, { cacheDir: cache.dir, locked: lock?.registries[registry.name] })
  const { lines, tags } = await client.versions(module)
  const known = lines.map((line) => ({ ...line, version: line.v }))
  const found =
    version === undefined ? latestVersion(known, tags['latest']) : known.find((line) => line.version === version)
  if (!found) {
    throw new LoaderError({
      code: 'version-not-found',
      message: `Cannot look at "${version === undefined ? module : moduleKey(module, version)}": the registry "${registry.name}" (${registry.url}) lists ${version === undefined ? 'no active version' : 'no such version'}`,
    })
  }
  const wanted = { module, version: found.version, integrity: found.integrity }
  return (await cache.open(found.integrity)) ?? (await fetchModule(wanted, client, cache))
}
