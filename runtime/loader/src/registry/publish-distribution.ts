import { parseModuleKey } from '@ingot/manifest'
import { ModuleCache } from '../cache/module-cache.ts'
import type { Distribution } from '../distribution/distribution.ts'
import { LoaderError } from '../loader-error.ts'
import { publishModule, type PublishOptions } from './publish-module.ts'
import { RegistryClient } from './registry-client.ts'

/** `other`: the registry has the version with other bytes, and keeps them. */
export type PublishedState = 'published' | 'unchanged' | 'other'

export interface PublishedModule {
  readonly name: string
  readonly version: string
  readonly integrity: string
  readonly state: PublishedState
}

export interface PublishDistributionOptions extends PublishOptions {
  readonly distribution: Distribution
  /** Where the distribution's modules lie packed. */
  readonly cacheDir: string
  readonly onProgress?: (module: PublishedModule) => void
}

/**
 * Publishes every module of the distribution that the registry does not have, bytes as they are loaded. What the registry
 * has is not sent again, so that a second time costs one small request for each module. @throws LoaderError
 */
export async function publishDistribution(options: PublishDistributionOptions): Promise<PublishedModule[]> {
  const { distribution, cacheDir, registryUrl, onProgress = () => undefined } = options
  const cache = new ModuleCache(cacheDir)
  const scopes = ['@ingot']
  const client = new RegistryClient({ name: 'registry', url: registryUrl, scopes }, { cacheDir })
  const done: PublishedModule[] = []
  for (const [key, { integrity }] of Object.entries(distribution.lock.modules)) {
    const { name, version } = parseModuleKey(key)!
    const found = await integrityIn(client, name, version)
    const state = found === undefined ? await publish(cache, integrity, options) : stateOf(found === integrity)
    done.push({ name, version, integrity, state })
    onProgress(done.at(-1)!)
  }
  return done
}

function stateOf(same: boolean): PublishedState {
  return same ? 'unchanged' : 'other'
}

async function publish(
  cache: ModuleCache,
  integrity: string,
  { registryUrl, token }: PublishOptions,
): Promise<PublishedState> {
  const module = await cache.open(integrity)
  const archive = await cache.archive(integrity)
  // It was opened when the distribution was.
  if (!module || !archive) throw new Error(`The packed module ${integrity} is gone from the cache "${cache.dir}"`)
  const { created } = await publishModule({ manifest: module.manifest, integrity, archive }, { registryUrl, token })
  return created ? 'published' : 'unchanged'
}

/** The bytes that a registry has as a version, if it has it. */
async function integrityIn(client: RegistryClient, name: string, version: string): Promise<string | undefined> {
  try {
    const { lines } = await client.versions(name)
    return lines.find(({ v }) => v === version)?.integrity
  } catch (error) {
    if (error instanceof LoaderError && error.problems.some(({ code }) => code === 'module-not-found')) return undefined
    throw error
  }
}
