import { signCheckpoint, type DsseEnvelope } from '@ingot/trust'
import type { RegistryKeys } from '../keys/registry-keys.ts'
import type { LogPlace } from '../storage/meta/log-store.ts'

/**
 * What proves a publish without asking anyone: the signed statement, and its place in the log as it was just after it.
 * Of another time it would prove no more, and would change.
 */
export function bundleText(
  statement: DsseEnvelope,
  place: LogPlace,
  { log, origin }: Pick<RegistryKeys, 'log' | 'origin'>,
): string {
  const { index, head, salt } = place
  const proof = place.proof.map((hash) => Buffer.from(hash).toString('base64'))
  const checkpoint = signCheckpoint(origin, head, log)
  return JSON.stringify({
    mediaType: 'application/vnd.ingot.bundle+json;version=1',
    statement,
    inclusion: { index, proof, checkpoint, ...(salt !== null && { salt }) },
  })
}
