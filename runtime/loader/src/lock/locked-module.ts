import { capabilityDocument, capabilitySummary, moduleKey, type LockedModule } from '@ingot/manifest'
import { canonicalJson, integrity } from '@ingot/trust'
import type { CachedModule } from '../cache/module-cache.ts'

/** Key and entry of a cached module in a lockfile. */
export function lockModule(
  module: CachedModule,
  source: Pick<LockedModule, 'from' | 'range'> & { readonly published?: string },
): readonly [string, LockedModule] {
  const { manifest } = module
  const entry: LockedModule = {
    from: source.from,
    range: source.range,
    integrity: module.integrity,
    manifest: module.manifestIntegrity,
    caps: integrity('sha256', canonicalJson(capabilityDocument(manifest))),
    capSummary: capabilitySummary(manifest),
    ...(source.published === undefined ? {} : { published: source.published }),
  }
  return [moduleKey(manifest.name, manifest.version), entry]
}
