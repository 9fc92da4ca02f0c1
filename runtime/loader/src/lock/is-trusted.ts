import { isPublishedBy, parseIntegrity, type PublicKey } from '@ingot/trust'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import type { RegistryClient } from '../registry/registry-client.ts'
import type { MatchedImport } from './match-lock.ts'

/** Keys that a user trusts beside the distribution's. */
export interface TrustedKeys {
  /** Modules whose publication one of them has signed run in lanes. */
  readonly keys: readonly PublicKey[]
  /** The same for modules of native code, which run nowhere else. */
  readonly native: readonly PublicKey[]
}

export interface TrustOptions {
  readonly trust?: TrustedKeys
  readonly cache: ModuleCache
  /** Of the registry that the module comes from. */
  readonly client: () => RegistryClient
}

/**
 * Whether a key that the user trusts has signed the publication of exactly these bytes. The statement is kept with the module,
 * so that a collector starts without its registry; where it cannot be had, nobody vouches for the module.
 * @throws LoaderError `native-untrusted` for native code without such a key.
 */
export async function isTrusted(matched: MatchedImport, loaded: CachedModule, options: TrustOptions): Promise<boolean> {
  const { keys, native } = options.trust ?? { keys: [], native: [] }
  const isNative = loaded.manifest.kind === 'native'
  const accepted = isNative ? native : [...keys, ...native]
  if (accepted.length > 0 && (await isVouchedFor(matched, accepted, options))) return true
  if (!isNative) return false
  throw new LoaderError({
    code: 'native-untrusted',
    message: `Cannot load "${matched.module}@${matched.version}": it is native code, and no key of ingot > trust > native has signed it`,
    hint: 'native code can do whatever the collector can: add the key only of somebody whom you trust with that',
  })
}

async function isVouchedFor(
  { module, version, locked: { integrity } }: MatchedImport,
  keys: readonly PublicKey[],
  { cache, client }: TrustOptions,
): Promise<boolean> {
  const wanted = { module: `${module}@${version}`, sha512: parseIntegrity(integrity)?.hex ?? '' }
  const kept = await cache.statement(integrity)
  if (kept && isPublishedBy(kept, wanted, keys)) return true
  const sent = await client()
    .envelope(module, version)
    .catch(() => undefined)
  if (!sent || !isPublishedBy(sent, wanted, keys)) return false
  await cache.keepStatement(integrity, sent)
  return true
}
