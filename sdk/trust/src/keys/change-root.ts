import { verifyEnvelope, cosignEnvelope, type DsseEnvelope } from '../dsse.ts'
import type { PublicKey, SigningKey } from '../signing-key.ts'
import { activeKeys, claimedRoot, rootPayloadType, verifyNextRoot, type RootDocument } from './root-document.ts'

/** Roles whose keys lie on the server. */
export const onlineRoles = ['publish', 'log', 'index'] as const
export type OnlineRole = (typeof onlineRoles)[number]

type RootChange = (document: RootDocument) => void

/** The document that follows: one version on, with some changes. Nobody has signed it. */
export function nextRoot(document: RootDocument, ...changes: readonly RootChange[]): RootDocument {
  const next = structuredClone(document)
  next.version++
  for (const change of changes) change(next)
  return next
}

/**
 * From `at` on another key does what those of the role did. They stay listed, and good until `until`: what they have signed
 * stands, and a server that runs goes on with them for a while.
 */
export function rotateKey(name: OnlineRole, key: PublicKey, at: Date, until: Date): RootChange {
  return (document) => {
    const role = (document.roles[name] ??= { keyids: [], threshold: 1 })
    for (const keyId of role.keyids) {
      const entry = document.keys[keyId]
      if (entry && (entry.validTo === undefined || new Date(entry.validTo) > until)) entry.validTo = until.toISOString()
    }
    role.keyids.push(key.keyId)
    document.keys[key.keyId] = { spki: key.spki, validFrom: at.toISOString() }
  }
}

/** What the key has signed stands up to a size of the log, and nothing else does. @throws when no such key is listed. */
export function revokeKey(keyId: string, revoked: { readonly logSize: number; readonly reason: string }): RootChange {
  return (document) => {
    const entry = document.keys[keyId]
    if (!entry) throw new Error(`Cannot revoke the key "${keyId}": the root document does not list it`)
    entry.revoked = { ...revoked }
  }
}

/** Other root keys, `threshold` of which have to sign what follows. */
export function replaceRootKeys(keys: readonly PublicKey[], threshold: number, at: Date): RootChange {
  return (document) => {
    if (threshold < 1 || threshold > keys.length)
      throw new Error(`Cannot name the root keys: found a threshold of ${threshold} for ${keys.length} keys`)
    for (const { keyId, spki } of keys) document.keys[keyId] ??= { spki, validFrom: at.toISOString() }
    document.roles.root = { keyids: keys.map(({ keyId }) => keyId), threshold }
  }
}

/** From then on nothing new is chosen by the document. */
export function expireRoot(expires: Date): RootChange {
  return (document) => {
    document.expires = expires.toISOString()
  }
}

/** What is still missing for a document to follow another one; empty when nothing is. */
export function missingSignatures(envelope: DsseEnvelope, trusted: RootDocument): string[] {
  const next = claimedRoot(envelope)
  const counts = [
    { whose: `version ${trusted.version}`, root: trusted },
    { whose: `version ${next.version}`, root: next },
  ].map(({ whose, root }) => {
    const { threshold } = root.roles.root
    const found = signersOf(envelope, activeKeys(root, 'root'))
    return found < threshold ? `${threshold - found} of the root keys of ${whose}` : ''
  })
  const missing = counts.filter((text) => text !== '')
  if (missing.length === 0) verifyNextRoot(envelope, trusted)
  return missing
}

/** The same document with further signatures. Those of a key that has signed already are not doubled. */
export function cosignRoot(envelope: DsseEnvelope, keys: readonly SigningKey[]): DsseEnvelope {
  claimedRoot(envelope)
  return cosignEnvelope(envelope, keys)
}

function signersOf(envelope: DsseEnvelope, keys: readonly PublicKey[]): number {
  try {
    return verifyEnvelope(envelope, rootPayloadType, keys).keyIds.length
  } catch {
    return 0
  }
}
