import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { moduleKey, type Lockfile } from '@ingot/manifest'
import type { ModuleCache } from '../cache/module-cache.ts'
import { pinnedModules, type PinnedModule } from '../lock/pinned-modules.ts'
import { fetchModule } from '../registry/fetch-module.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { VolatileMemory } from '@ingot/trust'
import { copyingTransport, vendoredClient, vendoredDir } from './vendored-registry.ts'

export interface VendorOptions {
  readonly lock: Lockfile
  readonly registries: readonly RegistryConfig[]
  readonly cache: ModuleCache
  /** {@link vendorDirName} beside the lock. */
  readonly vendorDir: string
  readonly onProgress?: (module: string) => void
}

/**
 * Copies every module that a lock pins into a folder, with all that it takes to verify them: what a client asks a registry for
 * is what the folder holds. It is verified once more from there before it takes the place of an older one.
 * @returns the modules. @throws LoaderError
 */
export async function vendorModules(options: VendorOptions): Promise<readonly PinnedModule[]> {
  const pinned = pinnedModules(options.lock, options.registries)
  const names = [...new Set(pinned.map(({ registry }) => registry.name))]
  for (const name of names) {
    const modules = pinned.filter(({ registry }) => registry.name === name)
    await vendorRegistry(modules[0]!.registry, modules, options)
  }
  return pinned
}

async function vendorRegistry(
  registry: RegistryConfig,
  modules: readonly PinnedModule[],
  { lock, cache, vendorDir, onProgress }: VendorOptions,
): Promise<void> {
  const place = vendoredDir(vendorDir, registry.name)
  const work = `${vendorDir}/.new-${randomUUID()}`
  const fresh = vendoredDir(work, registry.name)
  const options = { cacheDir: cache.dir, locked: lock.registries[registry.name] }
  try {
    await mkdir(fresh, { recursive: true })
    const transport = copyingTransport(registry, cache.dir, fresh)
    const origin = new RegistryClient(registry, { ...options, transport, memory: new VolatileMemory() })
    for (const wanted of modules) {
      onProgress?.(moduleKey(wanted.module, wanted.version))
      await fetchModule(wanted, origin, cache)
      // Keys of people are judged by it, even where those of the registry are not known.
      if (registry.root === undefined) await origin.envelope(wanted.module, wanted.version)
    }
    const copy = vendoredClient(registry, work, options)
    for (const wanted of modules) await fetchModule(wanted, copy, cache)
    await rm(place, { recursive: true, force: true })
    await rename(fresh, place)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
