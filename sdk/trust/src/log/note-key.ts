import { createHash } from 'node:crypto'
import { parsePublicKey, type PublicKey, type SigningKey } from '../signing-key.ts'
import { isNoteName, parseBase64, type NoteSigner, type NoteVerifier } from './signed-note.ts'

/** What a key of C2SP signed-note signs: the text itself, or as a witness the text and the time at which it saw it. */
const types = { ed25519: 1, cosignature: 4 } as const
type NoteKeyType = keyof typeof types

/** DER of an ed25519 SPKI up to the 32 bytes of the key. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')
const rawKeyBytes = 32
const timestampBytes = 8

export function noteSigner(name: string, key: SigningKey): NoteSigner {
  return { name, keyHash: keyHash(name, 'ed25519', key.publicKey), sign: (text) => key.sign(Buffer.from(text)) }
}

export function noteVerifier(name: string, key: PublicKey): NoteVerifier {
  return {
    name,
    keyHash: keyHash(name, 'ed25519', key),
    verify: (text, signature) => key.verify(Buffer.from(text), signature),
  }
}

/** A witness: it vouches for having seen no other history of the log up to a time (C2SP tlog-cosignature). */
export function cosigner(name: string, key: SigningKey, now: () => Date): NoteSigner {
  return {
    name,
    keyHash: keyHash(name, 'cosignature', key.publicKey),
    sign: (text) => {
      const timestamp = Buffer.alloc(timestampBytes)
      const seconds = BigInt(Math.floor(now().getTime() / 1000))
      timestamp.writeBigUInt64BE(seconds)
      return Buffer.concat([timestamp, key.sign(cosigned(seconds, text))])
    },
  }
}

export function cosignatureVerifier(name: string, key: PublicKey): NoteVerifier {
  return {
    name,
    keyHash: keyHash(name, 'cosignature', key),
    verify: (text, signature) => {
      if (signature.length <= timestampBytes) return false
      const seconds = Buffer.from(signature.subarray(0, timestampBytes)).readBigUInt64BE()
      return key.verify(cosigned(seconds, text), signature.subarray(timestampBytes))
    },
  }
}

/** `<name>+<hash>+<base64 of type and key>`: how the key of a log or a witness is handed to others. */
export function noteKeyText(name: string, type: NoteKeyType, key: PublicKey): string {
  const bytes = Buffer.concat([Uint8Array.of(types[type]), rawKey(key)])
  return `${name}+${keyHash(name, type, key)}+${bytes.toString('base64')}`
}

/** @throws for a text that {@link noteKeyText} does not write. */
export function parseNoteKey(text: string): NoteVerifier {
  const [, name, hash, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  const bytes = base64 === undefined ? undefined : parseBase64(base64)
  if (name === undefined || !isNoteName(name) || bytes?.length !== 1 + rawKeyBytes)
    throw unreadable(text, 'want "<name>+<hash>+<base64>" of an ed25519 key')
  const key = parsePublicKey(Buffer.concat([spkiPrefix, bytes.subarray(1)]).toString('base64'))
  const make = { [types.ed25519]: noteVerifier, [types.cosignature]: cosignatureVerifier }[bytes[0]!]
  if (!make) throw unreadable(text, `found a key of type ${bytes[0]}, want 1 or 4`)
  const verifier = make(name, key)
  if (verifier.keyHash !== hash) throw unreadable(text, `its hash is ${verifier.keyHash}`)
  return verifier
}

function cosigned(seconds: bigint, text: string): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
}

function keyHash(name: string, type: NoteKeyType, key: PublicKey): string {
  if (!isNoteName(name)) throw new Error(`Cannot use the key: found the name ${JSON.stringify(name)}`)
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(types[type])).update(rawKey(key))
  return hash.digest('hex').slice(0, 8)
}

function rawKey(key: PublicKey): Uint8Array {
  return Buffer.from(key.spki, 'base64').subarray(-rawKeyBytes)
}

function unreadable(text: string, found: string): Error {
  return new Error(`Cannot read the note key ${JSON.stringify(text)}: ${found}`)
}
