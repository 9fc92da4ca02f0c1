import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../canonical-json.ts'
import { signEnvelope, type DsseEnvelope } from '../dsse.ts'
import { generateSigningKey, type SigningKey } from '../signing-key.ts'
import { followRoot, type RootSource } from './follow-root.ts'
import { indexPayloadType, verifyIndex } from './index-statement.ts'
import {
  activeKeys,
  keysOfStatement,
  rootDocument,
  rootFingerprint,
  signRoot,
  wantUnexpired,
  type RootDocument,
} from './root-document.ts'

const [one, two, three, four, publish, index] = Array.from({ length: 6 }, generateSigningKey)
const validFrom = '2026-01-01T00:00:00.000Z'
const idOf = (key: SigningKey | undefined): string => key!.publicKey.keyId

function rootOf(version: number, rootKeys: readonly (SigningKey | undefined)[], threshold: number): RootDocument {
  const all = [...rootKeys, publish, index]
  return {
    version,
    registry: 'https://registry.example',
    keys: Object.fromEntries(all.map((key) => [idOf(key), { spki: key!.publicKey.spki, validFrom }])),
    roles: {
      root: { keyids: rootKeys.map(idOf), threshold },
      publish: { keyids: [idOf(publish)], threshold: 1 },
      index: { keyids: [idOf(index)], threshold: 1 },
    },
  }
}

const first = rootOf(1, [one, two, three], 2)
const pin = rootFingerprint(first)
const signedFirst = signRoot(first, [one!, two!])
const second = rootOf(2, [one, two, four], 2)
const signedSecond = signRoot(second, [one!, two!])
const third = rootOf(3, [two, four, publish], 2)
const signedThird = signRoot(third, [two!, four!])

function source(...chain: DsseEnvelope[]): RootSource {
  return { newest: chain.at(-1)!, numbered: async (version) => chain[version - 1] }
}

describe('followRoot()', () => {
  test('goes from the keys that a user names to the newest, through every version', async () => {
    const { document } = await followRoot(pin, undefined, source(signedFirst, signedSecond, signedThird))
    expect(document).toEqual(third)
    const kept = { document: second, envelope: signedSecond }
    expect((await followRoot(pin, kept, source(signedFirst, signedSecond, signedThird))).document).toEqual(third)
    expect((await followRoot(pin, kept, source(signedFirst, signedSecond))).document).toEqual(second)
  })

  test('needs as many keys of before as are wanted, and as many of now', async () => {
    const fromBefore = signRoot(third, [one!, two!])
    const fromNow = signRoot(third, [four!, publish!])
    for (const signed of [fromBefore, fromNow]) {
      const kept = { document: second, envelope: signedSecond }
      const following = followRoot(pin, kept, source(signedFirst, signedSecond, signed))
      await expect(following).rejects.toThrow('found 1 signatures of known keys, want 2')
    }
  })

  test('refuses a chain with a link missing, changed, repeated or too long', async () => {
    const missing = {
      newest: signedThird,
      numbered: async (version: number) => (version === 1 ? signedFirst : undefined),
    }
    await expect(followRoot(pin, undefined, missing)).rejects.toThrow('found fingerprint')
    const kept = { document: first, envelope: signedFirst }
    await expect(followRoot(pin, kept, missing)).rejects.toThrow('found no version 2 of them')
    const skipped = source(signedFirst, signedThird, signedThird)
    await expect(followRoot(pin, kept, skipped)).rejects.toThrow('found 1 signatures of known keys, want 2')
    const far = signRoot({ ...third, version: 2_000 }, [two!, four!])
    await expect(followRoot(pin, kept, source(far))).rejects.toThrow('want at most 520')
    await expect(followRoot(pin, undefined, { newest: far, numbered: async () => far })).rejects.toThrow(
      'want at most 520',
    )
  })

  test('never goes back, and takes one document for a version', async () => {
    const kept = { document: second, envelope: signedSecond }
    await expect(followRoot(pin, kept, source(signedFirst))).rejects.toThrow('version 2 was there before')
    const other = signRoot({ ...second, expires: validFrom }, [one!, two!])
    await expect(followRoot(pin, kept, source(signedFirst, other))).rejects.toThrow(
      'two different documents of version 2',
    )
  })

  test('does not take a document of another registry, or of a root key that was revoked', async () => {
    const moved = signRoot({ ...second, registry: 'https://other.example' }, [one!, two!])
    const kept = { document: first, envelope: signedFirst }
    await expect(followRoot(pin, kept, source(signedFirst, moved))).rejects.toThrow('of "https://other.example"')
    const revoked = structuredClone(second)
    revoked.keys[idOf(one)]!.revoked = { logSize: 0, reason: 'lost' }
    const byRevoked = signRoot(revoked, [one!, two!])
    await expect(followRoot(pin, kept, source(signedFirst, byRevoked))).rejects.toThrow('found 1 signatures')
    const byOthers = signRoot(revoked, [one!, two!, four!])
    expect((await followRoot(pin, kept, source(signedFirst, byOthers))).document).toEqual(revoked)
  })
})

describe('a root document', () => {
  test('that wants more signatures than it has keys, or has too many, is none', () => {
    expect(rootDocument.safeParse(rootOf(1, [one, one], 2)).success).toBe(false)
    const keys = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`${at}`, { spki: '', validFrom }]))
    expect(rootDocument.safeParse({ ...first, keys }).success).toBe(false)
  })

  test('has ended from the time on that it names', () => {
    const expires = '2026-06-01T00:00:00.000Z'
    wantUnexpired({ ...first, expires }, new Date('2026-05-31T23:59:59Z'))
    wantUnexpired(first, new Date('2999-01-01'))
    expect(() => wantUnexpired({ ...first, expires }, new Date(expires))).toThrow('expired at 2026-06-01')
  })

  test('lets a revoked key stand for what the log had before', () => {
    const revoked = structuredClone(first)
    revoked.keys[idOf(publish)]!.revoked = { logSize: 7, reason: 'copied' }
    const at = new Date('2026-03-01')
    expect(keysOfStatement(revoked, at, 6).map(({ keyId }) => keyId)).toEqual([idOf(publish)])
    expect(keysOfStatement(revoked, at, 7)).toEqual([])
    expect(keysOfStatement(revoked, at)).toEqual([])
    expect(keysOfStatement(revoked, new Date('2025-12-31'), 6)).toEqual([])
    expect(activeKeys(revoked, 'publish')).toEqual([])
    expect(activeKeys(revoked, 'log')).toEqual([])
  })
})

describe('verifyIndex()', () => {
  const bytes = Buffer.from('{}\n')
  const path = '/index/@acme/redact.ndjson'
  const statement = {
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    logSize: 5,
    issuedAt: '2026-06-01T00:00:00.000Z',
    expiresAt: '2026-06-02T00:00:00.000Z',
  }
  const sign = (over: object, key = index!) =>
    signEnvelope(indexPayloadType, Buffer.from(canonicalJson({ ...statement, ...over })), [key])
  const now = new Date('2026-06-01T12:00:00Z')
  const verify = (envelope: DsseEnvelope, at = now) => verifyIndex(envelope, { path, bytes }, first, at)

  test('gives how far the log was', () => {
    expect(verify(sign({})).logSize).toBe(5)
  })

  test.each<[string, object, string]>([
    ['another module', { path: '/index/@acme/other.ndjson' }, 'found a statement about "/index/@acme/other.ndjson"'],
    ['other bytes', { sha256: '00' }, 'want 3 of 00'],
    ['another size', { size: 4 }, 'found 3 bytes'],
    ['a time that has passed', { expiresAt: '2026-06-01T12:00:00.000Z' }, 'is good until 2026-06-01T12:00:00.000Z'],
  ])('refuses a statement about %s', (_, over, found) => {
    expect(() => verify(sign(over))).toThrow(found)
  })

  test('refuses the key of another role', () => {
    expect(() => verify(sign({}, publish))).toThrow('found 0 signatures')
  })
})
