import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { signEnvelope, verifyEnvelope, type DsseEnvelope } from '../dsse.ts'
import { parsePublicKey, type PublicKey, type SigningKey } from '../signing-key.ts'

export const rootPayloadType = 'application/vnd.ingot.root+json'

/** Keys of a registry, those that are no longer used included. */
const keysMax = 256
const roleKeysMax = 64

const role = z
  .object({ keyids: z.array(z.string()).min(1).max(roleKeysMax), threshold: z.int().min(1) })
  .refine(
    ({ keyids, threshold }) => threshold <= new Set(keyids).size,
    'more signatures are wanted than there are keys',
  )

const rootKey = z.object({
  spki: z.string(),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime().optional(),
  /**
   * Of a key that others may have: its statements stand up to this size of the log, where they were before others could make
   * any, whatever time they name.
   */
  revoked: z.object({ logSize: z.int().min(0), reason: z.string() }).optional(),
})

/** A registry's keys and what each may sign. Keys that are no longer used stay listed, with the time until which they were. */
export const rootDocument = z.object({
  version: z.int().min(1),
  registry: z.string(),
  /** From then on nothing new is chosen by it; what is pinned is not concerned. */
  expires: z.iso.datetime().optional(),
  keys: z
    .record(z.string(), rootKey)
    .refine((keys) => Object.keys(keys).length <= keysMax, `want at most ${keysMax} keys`),
  roles: z.object({ root: role, publish: role, log: role.optional(), index: role.optional() }).catchall(role),
})
export type RootDocument = z.infer<typeof rootDocument>
export type RootRole = 'root' | 'publish' | 'log' | 'index'

/**
 * What a user writes as `root` of a `registry` block: it stands for the root keys and their threshold alone, so it
 * stays the same while publishing keys come and go.
 */
export function rootFingerprint(document: RootDocument): string {
  const { keyids, threshold } = document.roles.root
  const keys = canonicalJson({ keyids: [...new Set(keyids)].sort(), threshold })
  return `sha256:${createHash('sha256').update(keys).digest('hex')}`
}

export function signRoot(document: RootDocument, rootKeys: readonly SigningKey[]): DsseEnvelope {
  return signEnvelope(rootPayloadType, Buffer.from(canonicalJson(document)), rootKeys)
}

/** @throws when the document is not the one that `fingerprint` names, or its own root keys have not signed it. */
export function verifyRoot(envelope: DsseEnvelope, fingerprint: string): RootDocument {
  const found = rootFingerprint(claimedRoot(envelope))
  if (found !== fingerprint) {
    throw new Error(`Cannot verify the registry's root keys: found fingerprint "${found}", want "${fingerprint}"`)
  }
  return selfSigned(envelope)
}

/**
 * The document that follows `trusted`: its keys have signed their successors, and the successors themselves.
 * @throws when it is of another version or registry, or signatures are missing.
 */
export function verifyNextRoot(envelope: DsseEnvelope, trusted: RootDocument): RootDocument {
  verifyEnvelope(envelope, rootPayloadType, activeKeys(trusted, 'root'), trusted.roles.root.threshold)
  const next = selfSigned(envelope)
  if (next.version !== trusted.version + 1 || next.registry !== trusted.registry) {
    throw new Error(
      `Cannot verify the registry's root keys: found version ${next.version} of "${next.registry}", want version ${trusted.version + 1} of "${trusted.registry}"`,
    )
  }
  return next
}

/** What an envelope says that it holds. Nobody has verified it. @throws when it is no root document. */
export function claimedRoot(envelope: DsseEnvelope): RootDocument {
  return rootDocument.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString()))
}

/** @throws when nothing new may be chosen by the document any more. */
export function wantUnexpired({ expires, version }: RootDocument, now: Date): void {
  if (expires === undefined || now < new Date(expires)) return
  throw new Error(
    `Cannot choose anything by the registry's keys: version ${version} of them expired at ${expires}, and it is ${now.toISOString()}`,
  )
}

/** The keys of a role; with `at`, only those that were valid then. A key whose bytes do not give its id is refused. */
export function roleKeys(document: RootDocument, name: RootRole, at?: Date): PublicKey[] {
  return usableKeys(document, name, (key) => at === undefined || validAt(key, at))
}

/** The keys of a role that nobody has revoked. */
export function activeKeys(document: RootDocument, name: RootRole): PublicKey[] {
  return usableKeys(document, name, ({ revoked }) => revoked === undefined)
}

/**
 * The keys that may have signed what says that it was made at `at` and stands at `logIndex` in the log; where it stands in
 * none, a revoked key has signed nothing.
 */
export function keysOfStatement(document: RootDocument, at: Date, logIndex?: number): PublicKey[] {
  return usableKeys(document, 'publish', (key) => {
    const stands = !key.revoked || (logIndex !== undefined && logIndex < key.revoked.logSize)
    return stands && validAt(key, at)
  })
}

function selfSigned(envelope: DsseEnvelope): RootDocument {
  const document = claimedRoot(envelope)
  verifyEnvelope(envelope, rootPayloadType, activeKeys(document, 'root'), document.roles.root.threshold)
  return document
}

type RootKey = z.infer<typeof rootKey>

function usableKeys(document: RootDocument, name: RootRole, isUsable: (key: RootKey) => boolean): PublicKey[] {
  const keys: PublicKey[] = []
  for (const keyId of document.roles[name]?.keyids ?? []) {
    const entry = document.keys[keyId]
    if (!entry || !isUsable(entry)) continue
    const key = parsePublicKey(entry.spki)
    if (key.keyId !== keyId) throw new Error(`Cannot use the key "${keyId}": found bytes of key "${key.keyId}"`)
    keys.push(key)
  }
  return keys
}

function validAt({ validFrom, validTo }: RootKey, at: Date): boolean {
  return new Date(validFrom) <= at && (validTo === undefined || at < new Date(validTo))
}
