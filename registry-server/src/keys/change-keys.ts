import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  canonicalJson,
  claimedRoot,
  cosignRoot,
  expireRoot,
  missingSignatures,
  nextRoot,
  onlineRoles,
  replaceRootKeys,
  revokeKey,
  rootFingerprint,
  rotateKey,
  signRoot,
  type DsseEnvelope,
  type OnlineRole,
  type PublicKey,
  type RootDocument,
  type SigningKey,
} from '@ingot/trust'
import { openStorage, type StorageOptions } from '../registry.ts'
import { appendAudit } from '../storage/meta/append-audit.ts'
import { KeyFiles, parseRoot } from './key-files.ts'

/** What is to become of a registry's keys. */
export type KeyChange =
  | { readonly kind: 'rotate'; readonly role: OnlineRole; readonly overlapMs: number }
  | { readonly kind: 'revoke'; readonly keyId: string; readonly reason: string }
  | { readonly kind: 'roots'; readonly keys: readonly PublicKey[]; readonly threshold: number }
  | { readonly kind: 'expire'; readonly at: Date }

/** A root document on its way to become the newest. */
export interface ProposedRoot {
  readonly envelope: DsseEnvelope
  /** Whose signatures are still wanted; empty when it may be installed. */
  readonly missing: readonly string[]
}

/** The newest root document of a registry's folder. @throws when it has none. */
export async function newestRoot(dataDir: string): Promise<RootDocument> {
  return (await current(keyFiles(dataDir))).document
}

/**
 * The root document after a change, signed with the root keys at hand: they need not lie on the server, and not in one place.
 * A key that takes the place of another one is made in the registry's folder, and used once the document is installed.
 */
export async function proposeChange(
  storage: StorageOptions,
  change: KeyChange,
  rootKeys: readonly SigningKey[],
  now: Date,
): Promise<ProposedRoot> {
  const files = keyFiles(storage.dataDir)
  const { document: trusted } = await current(files)
  const document = await changed(storage, files, trusted, change, now)
  const envelope = signRoot(document, rootKeys)
  return { envelope, missing: missingSignatures(envelope, trusted) }
}

/** Adds signatures to a document that was proposed. */
export async function signProposal(
  dataDir: string,
  envelope: DsseEnvelope,
  rootKeys: readonly SigningKey[],
): Promise<ProposedRoot> {
  const { document } = await current(keyFiles(dataDir))
  const signed = cosignRoot(envelope, rootKeys)
  return { envelope: signed, missing: missingSignatures(signed, document) }
}

/**
 * Makes a document the newest one, puts the keys in their places that it names, and tells of it in the log. Repeated it
 * finishes what was interrupted. Servers that run use it from their next start on.
 */
export async function installRoot(storage: StorageOptions, envelope: DsseEnvelope): Promise<RootDocument> {
  const files = keyFiles(storage.dataDir)
  const next = claimedRoot(envelope)
  const { document: trusted, envelope: newest } = await current(files)
  if (newest.payload !== envelope.payload) {
    const missing = missingSignatures(envelope, trusted)
    if (missing.length > 0)
      throw new Error(`Cannot install the root document: it lacks signatures of ${missing.join(' and ')}`)
    const there = parseRoot(await files.addRoot(envelope)).envelope
    if (there.payload !== envelope.payload)
      throw new Error(`Cannot install the root document: another one of version ${next.version} was installed first`)
  }
  await files.promote(next)
  await logRoot(storage, envelope, next)
  return next
}

async function changed(
  storage: StorageOptions,
  files: KeyFiles,
  trusted: RootDocument,
  change: KeyChange,
  now: Date,
): Promise<RootDocument> {
  switch (change.kind) {
    case 'rotate': {
      const key = await files.nextKey(change.role)
      return nextRoot(trusted, rotateKey(change.role, key.publicKey, now, new Date(now.getTime() + change.overlapMs)))
    }
    case 'revoke':
      return nextRoot(trusted, ...(await revocation(storage, files, trusted, change, now)))
    case 'roots':
      return nextRoot(trusted, replaceRootKeys(change.keys, change.threshold, now))
    case 'expire':
      return nextRoot(trusted, expireRoot(change.at))
  }
}

/** A key that a server signs with is replaced at once; what stands in the log already stays. */
async function revocation(
  storage: StorageOptions,
  files: KeyFiles,
  trusted: RootDocument,
  { keyId, reason }: KeyChange & { kind: 'revoke' },
  now: Date,
) {
  const revoked = revokeKey(keyId, { logSize: await logSizeOf(storage), reason })
  const changes = [revoked]
  for (const role of onlineRoles) {
    if ((await files.key(role)).publicKey.keyId !== keyId) continue
    changes.unshift(rotateKey(role, (await files.nextKey(role)).publicKey, now, now))
  }
  const left = trusted.roles.root.keyids.filter((id) => id !== keyId && !trusted.keys[id]?.revoked)
  if (trusted.roles.root.keyids.includes(keyId) && left.length < trusted.roles.root.threshold)
    throw new Error(
      `Cannot revoke the root key "${keyId}": only ${left.length} would be left, and ${trusted.roles.root.threshold} have to sign; name other root keys`,
    )
  return changes
}

async function logSizeOf(storage: StorageOptions): Promise<number> {
  const { meta, close } = await openStorage(storage)
  try {
    return await meta.log.size()
  } finally {
    await close()
  }
}

async function logRoot(storage: StorageOptions, envelope: DsseEnvelope, document: RootDocument): Promise<void> {
  const { meta, close } = await openStorage(storage)
  const at = new Date().toISOString()
  const subject = `root@${document.version}`
  const sha256 = createHash('sha256').update(Buffer.from(envelope.payload, 'base64')).digest('hex')
  const leaf = canonicalJson({
    type: 'key',
    version: document.version,
    sha256,
    fingerprint: rootFingerprint(document),
    at,
  })
  try {
    await meta.log.write(async (transaction) => {
      const told = transaction
        .selectFrom('log_leaves')
        .select('idx')
        .where('type', '=', 'key')
        .where('subject', '=', subject)
      if (await told.executeTakeFirst()) return
      await meta.log.append(transaction, { type: 'key', subject, module: null, at, leaf })
      await appendAudit(transaction, {
        at,
        actor: 'command line',
        ip: '',
        action: 'key',
        subject: `${subject} ${sha256}`,
      })
    })
  } finally {
    await close()
  }
}

async function current(files: KeyFiles): Promise<ReturnType<typeof parseRoot>> {
  const newest = [...(await files.roots()).values()].at(-1)
  if (newest !== undefined) return parseRoot(newest)
  throw new Error(`Cannot change the keys in "${files.dir}": found no root document, want the folder of a registry`)
}

function keyFiles(dataDir: string): KeyFiles {
  return new KeyFiles(join(dataDir, 'keys'))
}
