import { join } from 'node:path'
import type { ComponentManifest, Lockfile } from '@ingot/manifest'
import { verifyEnvelope, type DsseEnvelope, type PublicKey } from '@ingot/trust'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { parseLock } from '../lock/lock-file.ts'
import { LoaderError } from '../loader-error.ts'

export const distributionPayloadType = 'application/vnd.ingot.distribution+json'

/** A component and everything that is needed to load it. */
export interface LoadedComponent {
  /** As the configuration names it: `prometheus.scrape`, or `redact.pii` for an import. */
  readonly name: string
  /** `@ingot/prometheus`, `0.1.0`. */
  readonly module: string
  readonly version: string
  readonly component: ComponentManifest
  /** The bundled ES module: a file in the cache whose bytes were just checked. */
  readonly bundlePath: string
  /** Hex of the bundle's bytes, to check them where they are loaded. */
  readonly sha256: string
  /** Native code runs in lanes only. */
  readonly kind: 'portable' | 'native'
  /** Whether it may run in a lane. */
  readonly trusted: boolean
}

/** The first-party modules: what makes `prometheus.scrape` resolve with no import. */
export interface Distribution {
  readonly lock: Lockfile
  /** Id of the key that signed the lock. */
  readonly keyId: string
  lookup(fullName: string): LoadedComponent | undefined
  components(): readonly LoadedComponent[]
}

/**
 * Opens a distribution: its lockfile must be signed by one of `keys`, and every module that it pins must be in the
 * cache with the bytes that it names.
 * @throws LoaderError
 */
export async function openDistribution(
  envelope: DsseEnvelope,
  keys: readonly PublicKey[],
  cache: ModuleCache,
): Promise<Distribution> {
  const { payload, keyIds } = verified(envelope, keys)
  const lock = parseLock(Buffer.from(payload).toString(), 'distribution lock')
  const loaded = new Map<string, LoadedComponent>()
  for (const [key, locked] of Object.entries(lock.modules)) {
    const module = await cache.open(locked.integrity)
    if (!module || module.manifestIntegrity !== locked.manifest) {
      throw new LoaderError({
        code: 'distribution-invalid',
        message: `Cannot load "${key}" of the distribution: its packed form "${locked.integrity}" is not in the cache "${cache.dir}"`,
      })
    }
    for (const component of loadedComponents(module, true)) {
      if (locked.components?.includes(component.name)) claim(loaded, component)
    }
  }
  const components = [...loaded.values()]
  return { lock, keyId: keyIds[0]!, lookup: (name) => loaded.get(name), components: () => components }
}

/** The components of a module under the names they claim, or under an import's namespace. */
export function loadedComponents(module: CachedModule, trusted: boolean, namespace?: string): LoadedComponent[] {
  const { name, version, kind, components } = module.manifest
  return components.map((component) => ({
    name: namespace === undefined ? component.name : `${namespace}.${component.name}`,
    module: name,
    version,
    component,
    bundlePath: join(module.dir, component.entry),
    sha256: component.sha256,
    kind,
    trusted,
  }))
}

function verified(envelope: DsseEnvelope, keys: readonly PublicKey[]): ReturnType<typeof verifyEnvelope> {
  try {
    return verifyEnvelope(envelope, distributionPayloadType, keys)
  } catch (error) {
    throw new LoaderError(
      {
        code: 'distribution-untrusted',
        message: `Cannot trust the distribution: ${(error as Error).message}`,
        hint: 'its lockfile was changed after it was signed, or signed with another key',
      },
      { cause: error },
    )
  }
}

function claim(loaded: Map<string, LoadedComponent>, component: LoadedComponent): void {
  const before = loaded.get(component.name)
  if (before) {
    throw new LoaderError({
      code: 'distribution-invalid',
      message: `Cannot load the distribution: "${component.name}" is claimed by "${before.module}" and by "${component.module}"`,
    })
  }
  loaded.set(component.name, component)
}
