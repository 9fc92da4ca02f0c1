import { capabilityDocument, capabilitySummary, moduleKey, type LockedModule } from '@ingot/manifest'
import { canonicalJson, integrity } from '@ingot/trust'
import type { CachedModule } from '../cache/module-cache.ts'

/** Key and entry of a cached module in a lockfile. */
export function lockModule(
  module: CachedModule,
  source: Pick<LockedModule, 'from' | 'range' | 'published' | 'trust' | 'log' | 'deps'>,
): readonly [string, LockedModule] {
  const { manifest } = module
  const entry: LockedModule = {
    ...source,
    integrity: module.integrity,
    manifest: module.manifestIntegrity,
    caps: integrity('sha256', canonicalJson(capabilityDocument(manifest))),
    capSummary: capabilitySummary(manifest),
  }
  return [moduleKey(manifest.name, manifest.version), entry]
}
