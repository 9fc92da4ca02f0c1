import type { DsseEnvelope } from '../dsse.ts'
import { claimedRoot, rootFingerprint, verifyNextRoot, verifyRoot, type RootDocument } from './root-document.ts'

/** Versions between the one that is known and the newest: a registry that changes its keys every week has as many in ten years. */
const versionsMax = 520

/** A root document that is believed, and the envelope that says so. */
export interface TrustedRoot {
  readonly document: RootDocument
  readonly envelope: DsseEnvelope
}

export interface RootSource {
  /** What the registry has now. */
  readonly newest: DsseEnvelope
  /** `/keys/<version>.root.json`; `undefined` when the registry does not have it. */
  numbered(version: number): Promise<DsseEnvelope | undefined>
}

/**
 * The registry's newest keys, reached version by version: from those that were believed last, or else from those that
 * `fingerprint` names. Time plays no part.
 * @throws when a link is missing or not signed by the keys before it, or the registry has gone back.
 */
export async function followRoot(
  fingerprint: string,
  kept: TrustedRoot | undefined,
  source: RootSource,
): Promise<TrustedRoot> {
  const newest = claimedRoot(source.newest)
  let trusted = kept ?? (await firstRoot(fingerprint, newest, source))
  const { version } = trusted.document
  if (newest.version < version)
    throw new Error(
      `Cannot follow the registry's keys: found version ${newest.version}, and version ${version} was there before`,
    )
  if (newest.version - version > versionsMax) throw tooMany(newest.version - version)
  while (trusted.document.version < newest.version) {
    const next = trusted.document.version + 1
    const envelope = next === newest.version ? source.newest : await numbered(next, source)
    trusted = { document: verifyNextRoot(envelope, trusted.document), envelope }
  }
  if (trusted.envelope.payload !== source.newest.payload)
    throw new Error(`Cannot follow the registry's keys: found two different documents of version ${newest.version}`)
  return trusted
}

/** The newest document of the keys that the user names. Any of them would do: those keys have signed it. */
async function firstRoot(fingerprint: string, newest: RootDocument, source: RootSource): Promise<TrustedRoot> {
  let envelope = source.newest
  for (let version = newest.version; ; version--) {
    if (rootFingerprint(claimedRoot(envelope)) === fingerprint)
      return { document: verifyRoot(envelope, fingerprint), envelope }
    const before = version > 1 && (await source.numbered(version - 1))
    // Nothing leads back to those keys: the newest document is refused with the fingerprint that it has.
    if (!before) return { document: verifyRoot(source.newest, fingerprint), envelope: source.newest }
    if (newest.version - version >= versionsMax) throw tooMany(versionsMax)
    envelope = before
  }
}

async function numbered(version: number, source: RootSource): Promise<DsseEnvelope> {
  const envelope = await source.numbered(version)
  if (envelope) return envelope
  throw new Error(`Cannot follow the registry's keys: found no version ${version} of them`)
}

function tooMany(count: number): Error {
  return new Error(
    `Cannot follow the registry's keys: found ${count} versions or more to follow, want at most ${versionsMax}`,
  )
}
