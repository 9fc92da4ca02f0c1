import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { signEnvelope, verifyEnvelope, type DsseEnvelope } from './dsse.ts'
import { keysOfStatement, type RootDocument } from './keys/root-document.ts'
import type { PublicKey, SigningKey } from './signing-key.ts'

export const statementPayloadType = 'application/vnd.in-toto+json'
const statementType = 'https://in-toto.io/Statement/v1'
const predicateType = 'urn:ingot:publish:v1'

/** What a registry states about a publish. Fields may be added; none is ever taken away. */
export const publishPredicate = z.looseObject({
  registry: z.string(),
  /** `sha256-<base64>` of module.json, and of the canonical capability document. */
  manifest: z.string(),
  caps: z.string(),
  sizeBytes: z.int().min(0),
  unpackedBytes: z.int().min(0),
  files: z.int().min(1),
  deps: z.record(z.string(), z.string()),
  source: z.string().optional(),
  publisher: z.looseObject({ kind: z.enum(['token', 'user', 'oidc']), subject: z.string() }),
  /** People who have said yes to it before it was published. */
  approvals: z.array(z.looseObject({ user: z.string(), method: z.string(), at: z.iso.datetime() })).optional(),
  /** 0 token … 3 trusted publisher with a human approval (registry.md §3). */
  trust: z.int().min(0).max(3),
  publishedAt: z.iso.datetime(),
})
export type PublishPredicate = z.infer<typeof publishPredicate>

const publishStatement = z.object({
  _type: z.literal(statementType),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha512: z.string() }) })).length(1),
  predicateType: z.literal(predicateType),
  predicate: publishPredicate,
})

/** What a statement is about: `@scope/name@1.4.2` and the hexadecimal SHA-512 of the packed module. */
export interface PublishSubject {
  readonly module: string
  readonly sha512: string
}

/** An in-toto Statement v1 as RFC 8785 bytes in a DSSE envelope. */
export function signPublish(
  subject: PublishSubject,
  predicate: PublishPredicate,
  keys: readonly SigningKey[],
): DsseEnvelope {
  const statement = {
    _type: statementType,
    subject: [{ name: subjectName(subject), digest: { sha512: subject.sha512 } }],
    predicateType,
    predicate,
  }
  return signEnvelope(statementPayloadType, Buffer.from(canonicalJson(statement)), keys)
}

/**
 * The registry's statement, verified with the publishing keys that were valid when it was made. Where it stands in the log
 * is for the caller to prove.
 * @throws when it is about something else, or no such key has signed it.
 */
export function verifyPublish(
  envelope: DsseEnvelope,
  wanted: PublishSubject,
  root: RootDocument,
  logIndex?: number,
): PublishPredicate {
  const { predicate } = parse(Buffer.from(envelope.payload, 'base64'))
  const keys = keysOfStatement(root, new Date(predicate.publishedAt), logIndex)
  const { payload } = verifyEnvelope(envelope, statementPayloadType, keys, root.roles.publish.threshold)
  const statement = parse(payload)
  const [subject] = statement.subject
  if (subject!.name !== subjectName(wanted) || subject!.digest.sha512 !== wanted.sha512) {
    throw new Error(
      `Cannot verify the publish statement: found one about "${subject!.name}", want "${subjectName(wanted)}" with its digest`,
    )
  }
  return statement.predicate
}

/** What a statement says that it is about, whoever has signed it. */
export function publishSubject(envelope: DsseEnvelope): PublishSubject {
  const [subject] = parse(Buffer.from(envelope.payload, 'base64')).subject
  return { module: subject!.name.replace(/^ingot:/, ''), sha512: subject!.digest.sha512 }
}

/**
 * Why a key was revoked that has signed a statement, where that is why nothing vouches for it any more; `undefined` when enough
 * other keys do, or none was revoked.
 */
export function revokedSigner(envelope: DsseEnvelope, root: RootDocument, logIndex?: number): string | undefined {
  const signers = new Set(envelope.signatures.map(({ keyid }) => keyid))
  const { publishedAt } = parse(Buffer.from(envelope.payload, 'base64')).predicate
  const standing = keysOfStatement(root, new Date(publishedAt), logIndex).filter(({ keyId }) => signers.has(keyId))
  if (standing.length >= root.roles.publish.threshold) return undefined
  const revoked = root.roles.publish.keyids.find((keyId) => signers.has(keyId) && root.keys[keyId]?.revoked)
  return revoked === undefined ? undefined : root.keys[revoked]!.revoked!.reason
}

/** Whether one of `keys` has signed a statement about exactly these bytes, whoever else has. */
export function isPublishedBy(envelope: DsseEnvelope, wanted: PublishSubject, keys: readonly PublicKey[]): boolean {
  try {
    const [subject] = parse(verifyEnvelope(envelope, statementPayloadType, keys).payload).subject
    return subject!.name === subjectName(wanted) && subject!.digest.sha512 === wanted.sha512
  } catch {
    return false
  }
}

function parse(payload: Uint8Array): z.infer<typeof publishStatement> {
  return publishStatement.parse(JSON.parse(Buffer.from(payload).toString()))
}

function subjectName(subject: PublishSubject): string {
  return `ingot:${subject.module}`
}
