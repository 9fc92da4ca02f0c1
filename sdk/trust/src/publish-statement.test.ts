import { describe, expect, test } from 'vitest'
import { signEnvelope, verifyEnvelope } from './dsse.ts'
import { signPublish, verifyPublish, type PublishPredicate } from './publish-statement.ts'
import { rootFingerprint, signRoot, verifyRoot, type RootDocument } from './keys/root-document.ts'
import { generateSigningKey, parsePublicKey, parseSigningKey, type SigningKey } from './signing-key.ts'

const subject = { module: '@acme/redact@1.0.0', sha512: 'ab'.repeat(64) }
const predicate: PublishPredicate = {
  registry: 'https://registry.example',
  manifest: 'sha256-x',
  caps: 'sha256-y',
  sizeBytes: 1,
  unpackedBytes: 2,
  files: 3,
  deps: {},
  publisher: { kind: 'token', subject: 'somebody' },
  trust: 0,
  publishedAt: '2026-06-01T00:00:00.000Z',
}

function rootOf(root: readonly SigningKey[], publish: SigningKey, validTo?: string): RootDocument {
  const entry = (key: SigningKey, to?: string) => [
    key.publicKey.keyId,
    { spki: key.publicKey.spki, validFrom: '2026-01-01T00:00:00.000Z', ...(to === undefined ? {} : { validTo: to }) },
  ]
  return {
    version: 1,
    registry: 'https://registry.example',
    keys: Object.fromEntries([...root.map((key) => entry(key)), entry(publish, validTo)]) as RootDocument['keys'],
    roles: {
      root: { keyids: root.map((key) => key.publicKey.keyId), threshold: root.length },
      publish: { keyids: [publish.publicKey.keyId], threshold: 1 },
    },
  }
}

describe('a signing key', () => {
  test('survives PEM and SPKI, and verifies what it signed', () => {
    const key = generateSigningKey()
    const bytes = Buffer.from('text')
    const again = parseSigningKey(key.toPem())
    expect(again.publicKey.keyId).toBe(key.publicKey.keyId)
    expect(key.publicKey.keyId).toMatch(/^[0-9a-f]{64}$/)
    expect(parsePublicKey(key.publicKey.spki).verify(bytes, again.sign(bytes))).toBe(true)
    expect(generateSigningKey().publicKey.verify(bytes, key.sign(bytes))).toBe(false)
  })

  test('is refused without showing its text', () => {
    expect(() => parseSigningKey('-----BEGIN secret')).toThrow(/^(?!.*secret)Cannot read the signing key/)
    expect(() => parsePublicKey('AAAA')).toThrow('Cannot read the public key')
  })
})

describe('verifyEnvelope()', () => {
  const [ours, theirs] = [generateSigningKey(), generateSigningKey()]
  const envelope = signEnvelope('text/plain', Buffer.from('hello'), [ours, theirs])

  test('gives the payload and the known keys that signed it', () => {
    const { payload, keyIds } = verifyEnvelope(envelope, 'text/plain', [ours.publicKey])
    expect([Buffer.from(payload).toString(), keyIds]).toEqual(['hello', [ours.publicKey.keyId]])
  })

  test.each([
    ['another payload', { ...envelope, payload: Buffer.from('hullo').toString('base64') }],
    ['another type', { ...envelope, payloadType: 'text/html' }],
    ['no signature', { ...envelope, signatures: [] }],
    [
      'a signature under another key id',
      { ...envelope, signatures: [{ ...envelope.signatures[1]!, keyid: ours.publicKey.keyId }] },
    ],
  ])('refuses %s', (_, changed) => {
    expect(() => verifyEnvelope(changed, 'text/plain', [ours.publicKey])).toThrow('Cannot verify the envelope')
  })

  test('counts a key once, however often it signed', () => {
    const twice = { ...envelope, signatures: [envelope.signatures[0]!, envelope.signatures[0]!] }
    expect(() => verifyEnvelope(twice, 'text/plain', [ours.publicKey], 2)).toThrow(
      'found 1 signatures of known keys, want 2',
    )
  })
})

describe('verifyRoot()', () => {
  const [first, second, publish] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
  const document = rootOf([first, second], publish)

  test('accepts the document that the fingerprint names', () => {
    expect(verifyRoot(signRoot(document, [first, second]), rootFingerprint(document))).toEqual(document)
  })

  test('keeps the fingerprint while publishing keys change, and not when root keys do', () => {
    expect(rootFingerprint(rootOf([second, first], generateSigningKey()))).toBe(rootFingerprint(document))
    expect(rootFingerprint(rootOf([first], publish))).not.toBe(rootFingerprint(document))
  })

  test('refuses another registry, too few signatures, and a key under a wrong id', () => {
    const other = rootOf([generateSigningKey()], publish)
    expect(() => verifyRoot(signRoot(document, [first, second]), rootFingerprint(other))).toThrow('found fingerprint')
    expect(() => verifyRoot(signRoot(document, [first]), rootFingerprint(document))).toThrow('found 1 signatures')
    const mallory = generateSigningKey()
    const keys = {
      ...document.keys,
      [first.publicKey.keyId]: { ...document.keys[first.publicKey.keyId]!, spki: mallory.publicKey.spki },
    }
    expect(() => verifyRoot(signRoot({ ...document, keys }, [mallory, second]), rootFingerprint(document))).toThrow(
      'Cannot use the key',
    )
  })
})

describe('verifyPublish()', () => {
  const publish = generateSigningKey()
  const root = rootOf([generateSigningKey()], publish)
  const envelope = signPublish(subject, predicate, [publish])

  test('gives what the registry stated', () => {
    expect(verifyPublish(envelope, subject, root)).toEqual(predicate)
  })

  test.each([
    ['another version', { ...subject, module: '@acme/redact@1.0.1' }],
    ['other bytes', { ...subject, sha512: 'cd'.repeat(64) }],
  ])('refuses a statement about %s', (_, wanted) => {
    expect(() => verifyPublish(envelope, wanted, root)).toThrow('Cannot verify the publish statement')
  })

  test('refuses a key that may not publish', () => {
    expect(() => verifyPublish(signPublish(subject, predicate, [generateSigningKey()]), subject, root)).toThrow(
      'found 0 signatures',
    )
  })

  test('accepts a retired key for what it signed in its time, and for nothing later', () => {
    const retired = rootOf([generateSigningKey()], publish, '2026-07-01T00:00:00.000Z')
    expect(verifyPublish(envelope, subject, retired)).toEqual(predicate)
    const later = signPublish(subject, { ...predicate, publishedAt: '2026-08-01T00:00:00.000Z' }, [publish])
    expect(() => verifyPublish(later, subject, retired)).toThrow('found 0 signatures')
  })
})
