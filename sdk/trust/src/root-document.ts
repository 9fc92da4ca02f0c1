import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { signEnvelope, verifyEnvelope, type DsseEnvelope } from './dsse.ts'
import { parsePublicKey, type PublicKey, type SigningKey } from './signing-key.ts'

export const rootPayloadType = 'application/vnd.ingot.root+json'

const role = z.object({ keyids: z.array(z.string()).min(1).max(16), threshold: z.int().min(1) })

/** A registry's keys and what each may sign. Keys that are no longer used stay listed, with the time until which they were. */
export const rootDocument = z.object({
  version: z.int().min(1),
  registry: z.string(),
  keys: z.record(
    z.string(),
    z.object({ spki: z.string(), validFrom: z.iso.datetime(), validTo: z.iso.datetime().optional() }),
  ),
  roles: z.object({ root: role, publish: role }).catchall(role),
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
  const claimed = rootDocument.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString()))
  const found = rootFingerprint(claimed)
  if (found !== fingerprint) {
    throw new Error(`Cannot verify the registry's root keys: found fingerprint "${found}", want "${fingerprint}"`)
  }
  const { payload } = verifyEnvelope(envelope, rootPayloadType, roleKeys(claimed, 'root'), claimed.roles.root.threshold)
  return rootDocument.parse(JSON.parse(Buffer.from(payload).toString()))
}

/** The keys of a role; with `at`, only those that were valid then. A key whose bytes do not give its id is refused. */
export function roleKeys(document: RootDocument, name: RootRole, at?: Date): PublicKey[] {
  const keys: PublicKey[] = []
  for (const keyId of document.roles[name]?.keyids ?? []) {
    const entry = document.keys[keyId]
    if (!entry || (at && !validAt(entry, at))) continue
    const key = parsePublicKey(entry.spki)
    if (key.keyId !== keyId) throw new Error(`Cannot use the key "${keyId}": found bytes of key "${key.keyId}"`)
    keys.push(key)
  }
  return keys
}

function validAt(entry: { validFrom: string; validTo?: string | undefined }, at: Date): boolean {
  return new Date(entry.validFrom) <= at && (entry.validTo === undefined || at < new Date(entry.validTo))
}
