import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { defaultCacheDir, ModuleCache, readLock, writeLock, type RegistryConfig } from '@ingot/loader'
import type { Lockfile } from '@ingot/manifest'
import { Credentials } from '../account/credentials.ts'
import { checkoutRoot } from '../checkout.ts'
import { readImports, type ImportText } from '../config-text/read-imports.ts'
import { readRegistries } from '../config-text/read-registries.ts'

/** A configuration as far as modules are concerned, and the lock beside it. */
export interface ConfiguredModules {
  readonly path: string
  /** Name of the configuration in the lock. */
  readonly file: string
  readonly text: string
  readonly imports: readonly ImportText[]
  readonly registries: readonly RegistryConfig[]
  readonly lockPath: string
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
}

/** @throws CommandError, LoaderError `lock-invalid` */
export async function readConfiguredModules(path: string): Promise<ConfiguredModules> {
  const text = await readFile(path, 'utf8')
  const file = basename(path)
  const lockPath = join(dirname(path), 'ingot.lock')
  return {
    path,
    file,
    text,
    imports: readImports(path, file, text),
    registries: await Promise.all(readRegistries(path, text).map(asSignedIn)),
    lockPath,
    lock: await readLock(lockPath),
    cache: new ModuleCache(defaultCacheDir(checkoutRoot())),
  }
}

/** A registry whose block names no token is asked as whoever has signed in to it; the collector asks only as the block says. */
async function asSignedIn(registry: RegistryConfig): Promise<RegistryConfig> {
  if (registry.token !== undefined || !/^https?:/.test(registry.url)) return registry
  const token = (await new Credentials().find(registry.url))?.token
  return token === undefined ? registry : { ...registry, token }
}

/** Writes the lock and the configuration, each only where it changes. */
export async function writeConfiguredModules(
  modules: ConfiguredModules,
  changed: { readonly lock: Lockfile; readonly text: string },
): Promise<void> {
  await writeLock(modules.lockPath, changed.lock)
  if (changed.text !== modules.text) await writeFile(modules.path, changed.text)
}
