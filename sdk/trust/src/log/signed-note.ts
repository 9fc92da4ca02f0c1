/** Bounds of what is parsed before anybody vouches for it: a checkpoint with its witnesses is far smaller. */
const noteBytesMax = 64 * 2 ** 10
const signaturesMax = 100
const keyHashBytes = 4

/** One line of a note's signatures. Whether it holds is for {@link verifyNote} to say. */
export interface NoteSignature {
  readonly name: string
  /** Four bytes in hexadecimal that tell the keys of a name apart. */
  readonly keyHash: string
  readonly bytes: Uint8Array
}

/** Text and who says so (C2SP signed-note). */
export interface SignedNote {
  /** What is signed: lines, each with its end. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A key that signs notes under a name. */
export interface NoteVerifier {
  readonly name: string
  readonly keyHash: string
  verify(text: string, signature: Uint8Array): boolean
}

export interface NoteSigner {
  readonly name: string
  readonly keyHash: string
  sign(text: string): Uint8Array
}

/** The note with the signatures of all `signers`, and those that it has already. @throws when the text cannot be a note's. */
export function signNote({ text, signatures }: SignedNote, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text)) throw new Error('Cannot sign the note: want lines of text without control characters')
  const added = signers.map((signer) => ({
    name: signer.name,
    keyHash: signer.keyHash,
    bytes: signer.sign(text),
  }))
  return `${text}\n${[...signatures, ...added].map(signatureLine).join('')}`
}

/** @throws for what is not a note to the byte, or is larger than any that is meant. */
export function parseNote(bytes: Uint8Array | string): SignedNote {
  if (bytes.length > noteBytesMax) throw unreadable(`found ${bytes.length} bytes, want at most ${noteBytesMax}`)
  const whole = decodeText(bytes)
  const end = whole.lastIndexOf('\n\n')
  if (end < 0) throw unreadable('found no empty line before its signatures')
  const text = whole.slice(0, end + 1)
  if (!isNoteText(text)) throw unreadable('found control characters in its text')
  const lines = whole.slice(end + 2).split('\n')
  if (lines.pop() !== '') throw unreadable('found no end of its last line')
  if (lines.length === 0) throw unreadable('found no signature')
  if (lines.length > signaturesMax) throw unreadable(`found ${lines.length} signatures, want at most ${signaturesMax}`)
  return { text, signatures: lines.map(parseSignature) }
}

/**
 * The keys of `known` that have signed the note. Signatures of other keys say nothing, whatever they hold.
 * @throws when a signature in the name of a known key does not hold: somebody has changed the note.
 */
export function verifyNote(note: SignedNote, known: readonly NoteVerifier[]): NoteVerifier[] {
  const signers = new Set<NoteVerifier>()
  for (const { name, keyHash, bytes } of note.signatures) {
    const candidates = known.filter((key) => key.name === name && key.keyHash === keyHash)
    if (candidates.length === 0) continue
    // Two keys whose four bytes are the same are possible to make.
    const signer = candidates.find((key) => key.verify(note.text, bytes))
    if (!signer) throw new Error(`Cannot verify the note: the signature of "${name}" (${keyHash}) does not hold`)
    signers.add(signer)
  }
  return [...signers]
}

/** Names stand between spaces in notes and before `+` in key texts. */
export function isNoteName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name) && name.isWellFormed()
}

function signatureLine({ name, keyHash, bytes }: NoteSignature): string {
  if (!isNoteName(name)) throw new Error(`Cannot sign the note: found the name ${JSON.stringify(name)}`)
  return `— ${name} ${Buffer.concat([Buffer.from(keyHash, 'hex'), bytes]).toString('base64')}\n`
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = /^— (\S+) (\S+)$/u.exec(line) ?? []
  const bytes = base64 === undefined ? undefined : parseBase64(base64)
  if (name === undefined || !isNoteName(name) || !bytes || bytes.length <= keyHashBytes)
    throw unreadable(`found ${JSON.stringify(line.slice(0, 200))} where a signature should be`)
  return { name, keyHash: bytes.subarray(0, keyHashBytes).toString('hex'), bytes: bytes.subarray(keyHashBytes) }
}

/** Re-encoding refuses the several texts that decode to the same bytes. */
export function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

function decodeText(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') {
    if (!bytes.isWellFormed()) throw unreadable('found text that is not Unicode')
    return bytes
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw unreadable('found bytes that are not UTF-8')
  }
}

function isNoteText(text: string): boolean {
  return text.isWellFormed() && text.endsWith('\n') && ![...text].some((char) => char < ' ' && char !== '\n')
}

function unreadable(found: string): Error {
  return new Error(`Cannot read the signed note: ${found}`)
}
