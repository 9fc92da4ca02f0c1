import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateSigningKey } from '../signing-key.ts'
import { logOrigin, parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { cosignatureVerifier, cosigner, noteKeyText, noteSigner, noteVerifier, parseNoteKey } from './note-key.ts'
import { parseNote, signNote, verifyNote } from './signed-note.ts'
import { emptyTreeHash } from './tree-hash.ts'

const [logKey, otherKey, witnessKey] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
const origin = 'registry.example/log'
const root = emptyTreeHash
const note = signCheckpoint(origin, { size: 7, root }, logKey)
const own = noteVerifier(origin, logKey.publicKey)
const seenAt = () => new Date('2026-11-02T10:11:12Z')

describe('a signed note', () => {
  test('is read as it was written, whoever signed it', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\p{Cc}/gu, ''))
    const text = fc.array(line, { minLength: 1 }).map((lines) => `${lines.join('\n')}\n`)
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 3 }), (lines, count) => {
        const signers = [logKey, otherKey, witnessKey].slice(0, count).map((key, at) => noteSigner(`key-${at}`, key))
        const signed = signNote({ text: lines, signatures: [] }, signers)
        const parsed = parseNote(Buffer.from(signed))
        expect(parsed.text).toBe(lines)
        expect(parsed.signatures.map(({ name }) => name)).toEqual(signers.map(({ name }) => name))
        expect(signNote(parsed, [])).toBe(signed)
        expect(verifyNote(parsed, [noteVerifier('key-0', logKey.publicKey)])).toHaveLength(1)
      }),
    )
  })

  test('counts a key once, and keys that are not known for nothing', () => {
    const twice = signNote(parseNote(note), [noteSigner(origin, logKey), noteSigner('other', otherKey)])
    expect(parseNote(twice).signatures).toHaveLength(3)
    expect(verifyNote(parseNote(twice), [own])).toEqual([own])
    expect(verifyNote(parseNote(note), [noteVerifier(origin, otherKey.publicKey)])).toEqual([])
    expect(verifyNote(parseNote(note), [noteVerifier('registry.example', logKey.publicKey)])).toEqual([])
  })

  test('that was changed does not hold', () => {
    const changed = parseNote(note.replace('\n7\n', '\n8\n'))
    expect(() => verifyNote(changed, [own])).toThrow(
      `Cannot verify the note: the signature of "${origin}" (${own.keyHash}) does not hold`,
    )
  })

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'no empty line'],
    ['no signature', 'text\n\n', 'found no signature'],
    ['no end', note.slice(0, -1), 'no end of its last line'],
    ['an empty line at its end', `${note}\n`, 'found no signature'],
    ['another dash', note.replace('—', '-'), 'where a signature should be'],
    ['two spaces', note.replace('— ', '—  '), 'where a signature should be'],
    ['a carriage return', note.replace('7\n', '7\r\n'), 'control characters'],
    ['a plus in a name', note.replace('— registry.example', '— registry+example'), 'where a signature should be'],
    ['base64 with a line of its own', `${note}— x AAAA\n`, 'where a signature should be'],
    ['base64 that is not the only one', note.replace(/(=*)\n$/, '==$1\n'), 'where a signature should be'],
    ['bytes that are no text', Buffer.concat([Buffer.of(0xff), Buffer.from(note)]), 'not UTF-8'],
    ['half a character', `\ud800${note}`, 'not Unicode'],
    ['too much', `${'x'.repeat(70_000)}\n\n— a AAAAAAA=\n`, 'want at most 65536'],
    ['too many signatures', `x\n\n${'— a AAAAAAA=\n'.repeat(101)}`, 'found 101 signatures'],
  ])('with %s cannot be read', (_, bytes, found) => {
    expect(() => parseNote(bytes)).toThrow(found)
  })

  test('of any bytes is read to the byte or refused', () => {
    const piece = fc.constantFrom('\n', '\n\n', '— ', 'a', ' ', 'AAAAAAA=', '+', note.split('\n')[4]!)
    const mutated = fc.tuple(fc.nat({ max: note.length }), fc.string()).map(([at, text]) => note.slice(0, at) + text)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
          mutated,
        ),
        (text) => {
          try {
            expect(signNote(parseNote(text), [])).toBe(text)
          } catch (error) {
            expect((error as Error).message).toContain('Cannot read the signed note')
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('a note key', () => {
  test('survives its text, as a log and as a witness', () => {
    const log = parseNoteKey(noteKeyText(origin, 'ed25519', logKey.publicKey))
    expect(verifyNote(parseNote(note), [log])).toEqual([log])
    const witness = parseNoteKey(noteKeyText('witness', 'cosignature', witnessKey.publicKey))
    const seen = parseNote(signNote(parseNote(note), [cosigner('witness', witnessKey, seenAt)]))
    expect(verifyNote(seen, [witness, log])).toEqual([log, witness])
  })

  test('is refused when its text is another', () => {
    const text = noteKeyText(origin, 'ed25519', logKey.publicKey)
    const [name, hash, key] = text.split('+', 2).concat(text.slice(text.indexOf('+', text.indexOf('+') + 1) + 1))
    expect(() => parseNoteKey(`${name}+00000000+${key}`)).toThrow(`its hash is ${hash}`)
    expect(() => parseNoteKey(`a b+${hash}+${key}`)).toThrow('want "<name>+<hash>+<base64>"')
    expect(() => parseNoteKey(`${name}+${hash}+${key}A`)).toThrow('want "<name>+<hash>+<base64>"')
    const type = Buffer.concat([Buffer.of(2), Buffer.from(key!, 'base64').subarray(1)]).toString('base64')
    expect(() => parseNoteKey(`${name}+${hash}+${type}`)).toThrow('found a key of type 2, want 1 or 4')
    expect(() => noteSigner('a b', logKey)).toThrow('found the name "a b"')
  })

  // The key id of the C2SP text: SHA-256 over name, line feed, type and key.
  test('has the id that the specification gives', () => {
    const text = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
    const signed =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    expect(verifyNote(parseNote(signed), [parseNoteKey(text)])).toHaveLength(1)
  })
})

describe('a checkpoint', () => {
  const policy = { origin, keys: [logKey.publicKey] }

  test('tells size and root of the log that signed it', () => {
    expect(verifyCheckpoint(note, policy)).toMatchObject({ origin, size: 7, note })
    expect(logOrigin('https://registry.example:8443/acme/')).toBe('registry.example:8443/acme/log')
  })

  test('is not believed of another log, or with another key', () => {
    const other = signNote(parseNote(signCheckpoint('other/log', { size: 7, root }, otherKey)), [
      noteSigner(origin, logKey),
    ])
    expect(() => verifyCheckpoint(other, policy)).toThrow('found one of the log "other/log"')
    expect(() => verifyCheckpoint(note, { origin, keys: [otherKey.publicKey] })).toThrow('no signature of a known key')
    expect(() => verifyCheckpoint(note, { origin, keys: [] })).toThrow('no signature of a known key')
  })

  test('has as many witnesses as are wanted, each once and at its time', () => {
    const witness = cosigner('witness', witnessKey, seenAt)
    const seen = signNote(parseNote(note), [witness, witness])
    const witnesses = [cosignatureVerifier('witness', witnessKey.publicKey), noteVerifier('other', otherKey.publicKey)]
    expect(verifyCheckpoint(seen, { ...policy, witnesses, quorum: 1 }).size).toBe(7)
    expect(() => verifyCheckpoint(seen, { ...policy, witnesses, quorum: 2 })).toThrow(
      'found 1 of its witnesses, want 2',
    )
    const { text, signatures } = parseNote(seen)
    const later = signatures.map((line, at) => (at === 0 ? line : { ...line, bytes: line.bytes.with(7, 0) }))
    expect(() => verifyCheckpoint(signNote({ text, signatures: later }, []), { ...policy, witnesses })).toThrow(
      'the signature of "witness"',
    )
  })

  const rootText = Buffer.from(root).toString('base64')
  test.each([
    ['no origin', `\n7\n${rootText}\n`, 'the origin ""'],
    ['a size with a zero before it', `${origin}\n07\n${rootText}\n`, 'the size "07"'],
    ['a size below zero', `${origin}\n-1\n${rootText}\n`, 'the size "-1"'],
    ['a size beyond numbers', `${origin}\n9007199254740992\n${rootText}\n`, 'the size "9007199254740992"'],
    ['a short root', `${origin}\n7\nAAAA\n`, 'a root of 32 bytes'],
    ['no root', `${origin}\n7\n`, 'a root of 32 bytes'],
    ['an empty extension', `${origin}\n7\n${rootText}\n\nx\n`, 'an empty line'],
  ])('with %s cannot be read', (_, text, found) => {
    expect(() => parseCheckpoint(text)).toThrow(found)
  })

  test('may be extended by lines that say nothing here', () => {
    expect(parseCheckpoint(`${origin}\n0\n${rootText}\nmore\n`).size).toBe(0)
  })
})
