import type { PublicKey, SigningKey } from '../signing-key.ts'
import { noteSigner, noteVerifier } from './note-key.ts'
import { isNoteName, parseBase64, parseNote, signNote, verifyNote, type NoteVerifier } from './signed-note.ts'
import { hashBytes } from './tree-hash.ts'
import { wantCount } from './tree-ranges.ts'
import type { TreeHead } from './verify-proof.ts'

/** What a log says of itself (C2SP tlog-checkpoint). `note` is the signed text, as evidence. */
export interface Checkpoint extends TreeHead {
  readonly origin: string
  readonly note: string
}

/** Who must have signed a checkpoint for it to be believed. */
export interface CheckpointPolicy {
  /** Name of the log, and of its key in notes. */
  readonly origin: string
  readonly keys: readonly PublicKey[]
  readonly witnesses?: readonly NoteVerifier[]
  /** How many of the witnesses. */
  readonly quorum?: number
}

/** The name of a registry's log: where it is, without how it is reached. */
export function logOrigin(registryUrl: string): string {
  const { host, pathname } = new URL(registryUrl)
  return `${host}${pathname.replace(/\/$/, '')}/log`
}

export function signCheckpoint(origin: string, { size, root }: TreeHead, key: SigningKey): string {
  if (!isNoteName(origin)) throw new Error(`Cannot sign the checkpoint: found the origin ${JSON.stringify(origin)}`)
  wantCount('tree size', size)
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
  return signNote({ text, signatures: [] }, [noteSigner(origin, key)])
}

/** @throws unless a key of the log has signed the checkpoint, enough witnesses have, and it is about this log. */
export function verifyCheckpoint(bytes: Uint8Array | string, policy: CheckpointPolicy): Checkpoint {
  const { origin, keys, witnesses = [], quorum = 0 } = policy
  const note = parseNote(bytes)
  const own = keys.map((key) => noteVerifier(origin, key))
  if (verifyNote(note, own).length === 0)
    throw new Error(`Cannot verify the checkpoint: found no signature of a known key of the log "${origin}"`)
  const seen = verifyNote(note, witnesses).length
  if (seen < quorum) throw new Error(`Cannot verify the checkpoint: found ${seen} of its witnesses, want ${quorum}`)
  const checkpoint = { ...parseCheckpoint(note.text), note: typeof bytes === 'string' ? bytes : textOf(bytes) }
  if (checkpoint.origin !== origin)
    throw new Error(`Cannot verify the checkpoint: found one of the log "${checkpoint.origin}", want "${origin}"`)
  return checkpoint
}

/** Origin, size and root; further lines are extensions, which mean nothing here. @throws for any other text. */
export function parseCheckpoint(text: string): Omit<Checkpoint, 'note'> {
  const [origin = '', sizeText = '', rootText = '', ...more] = text.split('\n')
  const root = parseBase64(rootText)
  if (!isNoteName(origin)) throw unreadable(`found the origin ${JSON.stringify(origin.slice(0, 200))}`)
  if (!/^(0|[1-9]\d*)$/.test(sizeText) || !Number.isSafeInteger(Number(sizeText)))
    throw unreadable(`found the size ${JSON.stringify(sizeText.slice(0, 40))}`)
  if (root?.length !== hashBytes) throw unreadable('want the base64 of a root of 32 bytes in its third line')
  if (more.pop() !== '' || more.includes('')) throw unreadable('found an empty line, or no end of the last one')
  return { origin, size: Number(sizeText), root }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

function unreadable(found: string): Error {
  return new Error(`Cannot read the checkpoint: ${found}`)
}
