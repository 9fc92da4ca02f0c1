import { dirname, join } from 'node:path'
import { vendorDirName, type ModuleCache, type RegistryConfig } from '@ingot/loader'
import type { Lockfile } from '@ingot/manifest'
import { CommandError } from '../command-error.ts'
import { readConfiguredModules } from './configured-modules.ts'

/** What a configuration pins: for commands that change nothing of it. */
export interface PinnedConfiguration {
  readonly lock: Lockfile
  readonly registries: readonly RegistryConfig[]
  readonly cache: ModuleCache
  /** Beside the lock. */
  readonly vendorDir: string
}

/** @throws CommandError when there is no lock. */
export async function readPinnedConfiguration(path: string): Promise<PinnedConfiguration> {
  const { lock, lockPath, registries, cache } = await readConfiguredModules(path)
  if (!lock)
    throw new CommandError(`Cannot find "${lockPath}": want a lock that pins modules`, 'ingot module add makes one')
  return { lock, registries, cache, vendorDir: join(dirname(lockPath), vendorDirName) }
}
