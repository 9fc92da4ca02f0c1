import { randomBytes } from 'node:crypto'
import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { isSealed, SecretSeal } from './secret-seal.ts'

const seal = new SecretSeal(randomBytes(32))

test('SecretSeal opens what it has sealed, and what is stored tells nothing of it', () => {
  assert(
    property(string(), string(), (secret, user) => {
      const sealed = seal.seal(secret, user)
      expect([isSealed(sealed), seal.open(sealed, user)]).toEqual([true, secret])
      expect(sealed).toMatch(/^v1\.[0-9a-f]{16}\.[\w-]+$/)
      expect(seal.seal(secret, user)).not.toBe(sealed)
    }),
  )
})

test('SecretSeal opens nothing in another row, with another key, or that was changed in one bit', () => {
  const sealed = seal.seal('JBSWY3DPEHPK3PXP', 'ada')
  expect(() => seal.open(sealed, 'eve')).toThrow()
  expect(() => new SecretSeal(randomBytes(32)).open(sealed, 'ada')).toThrow(
    'Cannot open a secret: found one of the key',
  )
  const [version, keyId, text = ''] = sealed.split('.')
  const bytes = Buffer.from(text, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => seal.open([version, keyId, changed.toString('base64url')].join('.'), 'ada')).toThrow()
  }
  expect(() => seal.open('JBSWY3DPEHPK3PXP', 'ada')).toThrow('want')
})

test('SecretSeal has one pseudonym for a text, which another key does not have', () => {
  expect(seal.pseudonym('192.0.2.1')).toBe(seal.pseudonym('192.0.2.1'))
  expect(seal.pseudonym('192.0.2.1')).not.toBe(seal.pseudonym('192.0.2.2'))
  expect(seal.pseudonym('192.0.2.1')).not.toBe(new SecretSeal(randomBytes(32)).pseudonym('192.0.2.1'))
})

test('SecretSeal takes a key of 32 bytes', () => {
  expect(() => new SecretSeal(randomBytes(16))).toThrow('found a key of 16 bytes, want 32')
})
