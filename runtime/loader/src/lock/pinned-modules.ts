import { parseModuleKey, type Lockfile } from '@ingot/manifest'
import { LoaderError } from '../loader-error.ts'
import type { WantedVersion } from '../registry/fetch-module.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'

/** A module as a lock pins it, and the registry that it comes from. */
export interface PinnedModule extends WantedVersion {
  /** Of module.json. */
  readonly manifest: string
  readonly capSummary: readonly string[]
  readonly trust: number | undefined
  readonly registry: RegistryConfig
}

/** What a lock pins, by name. @throws LoaderError `registry-missing` when a module's registry is not in the configuration. */
export function pinnedModules(lock: Lockfile, registries: readonly RegistryConfig[]): PinnedModule[] {
  const pinned = Object.entries(lock.modules).map(([key, { from, integrity, manifest, capSummary, trust }]) => {
    const found = parseModuleKey(key)
    const registry = registries.find(({ name }) => name === from)
    if (!found)
      throw new LoaderError({ code: 'lock-invalid', message: `Cannot read the lock: found a module named "${key}"` })
    if (!registry) {
      throw new LoaderError({
        code: 'registry-missing',
        message: `Cannot tell where "${key}" comes from: ingot.lock names the registry "${from}", and the configuration has no such block`,
      })
    }
    return { module: found.name, version: found.version, integrity, manifest, capSummary, trust, registry }
  })
  return pinned.sort((a, b) => (a.module < b.module ? -1 : 1))
}
