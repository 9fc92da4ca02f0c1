import { existsSync } from 'node:fs'
import type { Lockfile } from '@ingot/manifest'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { pinnedModules, type PinnedModule } from '../lock/pinned-modules.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { vendoredClient, vendoredDir } from '../vendor/vendored-registry.ts'

export interface VerifyOptions {
  readonly lock: Lockfile
  readonly registries: readonly RegistryConfig[]
  readonly cache: ModuleCache
  readonly vendorDir: string
}

/** What came of one module. */
export interface VerifiedModule {
  readonly module: string
  readonly version: string
  readonly from: 'vendor' | 'cache'
  /** `digest` where the configuration names no root keys: then nothing else can be judged. */
  readonly verified?: 'statement' | 'digest'
  /** Place of its publication in the registry's log. */
  readonly log?: number
  readonly problem?: string
}

/**
 * Judges every module that a lock pins by its bytes, the registry's statement, its place in the log and the root keys. Asks
 * nobody: what it judges lies in the vendor folder or, where there is none, in the cache.
 */
export async function verifyModules(options: VerifyOptions): Promise<readonly VerifiedModule[]> {
  const results: VerifiedModule[] = []
  for (const pinned of pinnedModules(options.lock, options.registries)) {
    const { module, version, registry } = pinned
    const from = existsSync(vendoredDir(options.vendorDir, registry.name)) ? 'vendor' : 'cache'
    try {
      const log = from === 'vendor' ? await verifyVendored(pinned, options) : await verifyCached(pinned, options)
      const verified = registry.root === undefined ? 'digest' : 'statement'
      results.push({ module, version, from, verified, ...(log !== undefined && { log }) })
    } catch (error) {
      results.push({ module, version, from, problem: (error as Error).message })
    }
  }
  return results
}

async function verifyVendored(
  pinned: PinnedModule,
  { lock, cache, vendorDir }: VerifyOptions,
): Promise<number | undefined> {
  const { registry } = pinned
  const client = vendoredClient(registry, vendorDir, { cacheDir: cache.dir, locked: lock.registries[registry.name] })
  wantManifest(pinned, await fetchModule(pinned, client, cache))
  return (await cache.bundle(pinned.integrity))?.inclusion?.index
}

async function verifyCached(pinned: PinnedModule, { lock, cache }: VerifyOptions): Promise<number | undefined> {
  const { registry, integrity } = pinned
  const cached = await cache.open(integrity)
  if (!cached) throw new Error('its bytes are neither vendored nor cached')
  wantManifest(pinned, cached)
  if (registry.root === undefined) return undefined
  const bundle = await cache.bundle(integrity)
  if (!bundle) throw new Error('no statement about it is kept here; "ingot module vendor" fetches it')
  const client = new RegistryClient(registry, { cacheDir: cache.dir, locked: lock.registries[registry.name] })
  await client.verifyKept(pinned, bundle)
  return bundle.inclusion?.index
}

function wantManifest({ manifest }: PinnedModule, found: CachedModule): void {
  if (manifest !== found.manifestIntegrity)
    throw new Error(`its module.json is ${found.manifestIntegrity}, and ingot.lock names ${manifest}`)
}
