import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lockfile } from '@ingot/manifest'
import { signEnvelope } from '@ingot/trust'
import { writeFileAtomically } from '../cache/atomic-file.ts'
import { ModuleCache, type CachedModule } from '../cache/module-cache.ts'
import { emptyLock, formatLock } from '../lock/lock-file.ts'
import { lockModule } from '../lock/locked-module.ts'
import { developmentKey } from './distribution-key.ts'
import { distributionPayloadType, openDistribution, type Distribution } from './distribution.ts'
import type { PackProgress } from '../pack/pack-folder.ts'
import { moduleFolders, packSources } from './pack-sources.ts'

export interface PrepareOptions {
  /** The checkout. */
  readonly root: string
  readonly cacheDir: string
  /** Folders of modules, relative to the root; without it, every module under modules/. */
  readonly modules?: readonly string[]
  readonly onProgress?: (progress: PackProgress) => void
}

/**
 * The distribution of a checkout: packs the first-party modules whose sources changed, pins them in a lockfile, signs
 * it with the development key, and opens it the way a release is opened: signature and integrities checked.
 * @throws LoaderError
 */
export async function prepareDistribution(options: PrepareOptions): Promise<Distribution> {
  const cache = new ModuleCache(options.cacheDir)
  const folders = options.modules ?? (await moduleFolders(options.root))
  const modules = await packSources(options.root, folders, cache, options.onProgress ?? (() => undefined))
  const lock = distributionLock(modules)
  const key = await developmentKey(options.cacheDir)
  // Signing gives the same bytes for the same lock: the file changes only when the modules do.
  const signed = signEnvelope(distributionPayloadType, Buffer.from(formatLock(lock)), [key])
  const path = join(options.cacheDir, 'distribution', 'lock.dsse.json')
  const text = JSON.stringify(signed)
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFileAtomically(path, text)
  const distribution = await openDistribution(signed, [key.publicKey], cache)
  await cache.prune()
  return distribution
}

function distributionLock(modules: readonly CachedModule[]): Lockfile {
  const lock = emptyLock()
  for (const module of modules) {
    const { version, components } = module.manifest
    const [key, entry] = lockModule(module, { from: 'distribution', range: version })
    lock.modules[key] = { ...entry, components: components.map(({ name }) => name).sort() }
  }
  return lock
}
