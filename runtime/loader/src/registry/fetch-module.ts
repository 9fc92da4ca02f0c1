import { moduleKey } from '@ingot/manifest'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import type { RegistryClient } from './registry-client.ts'

/** A version as a lock or an index names it. */
export interface WantedVersion {
  readonly module: string
  readonly version: string
  readonly integrity: string
}

/**
 * Fetches a version into the cache: integrity first, then the registry's statement where its keys are known, and only
 * then the cache, which checks the archive itself.
 * @throws LoaderError
 */
export async function fetchModule(
  wanted: WantedVersion,
  client: RegistryClient,
  cache: ModuleCache,
): Promise<CachedModule> {
  const archive = await client.archive(wanted)
  const published = await client.published(wanted.module, wanted.version, wanted.integrity)
  const cached = await cache.add(archive)
  const { name, version } = cached.manifest
  if (name !== wanted.module || version !== wanted.version) {
    throw mismatch(wanted, `found a module that calls itself "${moduleKey(name, version)}"`)
  }
  if (published && published.predicate.manifest !== cached.manifestIntegrity) {
    throw mismatch(wanted, 'its module.json is another one than the registry signed')
  }
  if (published) await cache.keepBundle(wanted.integrity, published.bundle)
  return cached
}

function mismatch(wanted: WantedVersion, found: string): LoaderError {
  return new LoaderError({
    code: 'integrity-mismatch',
    message: `Cannot use "${moduleKey(wanted.module, wanted.version)}": ${found}`,
  })
}
