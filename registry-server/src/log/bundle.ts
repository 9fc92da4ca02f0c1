import { logOrigin, signCheckpoint, type DsseEnvelope } from '@ingot/trust'
import type { RegistryKeys } from '../registry-keys.ts'
import type { LogPlace } from '../storage/meta/log-store.ts'

/**
 * What proves a publish without asking anyone: the signed statement, and its place in the log as it was just after it.
 * Of another time it would prove no more, and would change.
 */
export function bundleText(
  statement: DsseEnvelope,
  place: LogPlace,
  registry: { readonly url: string; readonly keys: RegistryKeys },
): string {
  const { index, head } = place
  const proof = place.proof.map((hash) => Buffer.from(hash).toString('base64'))
  const checkpoint = signCheckpoint(logOrigin(registry.url), head, registry.keys.log)
  return JSON.stringify({
    mediaType: 'application/vnd.ingot.bundle+json;version=1',
    statement,
    inclusion: { index, proof, checkpoint },
  })
}
