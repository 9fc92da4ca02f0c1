import { expect, test } from 'vitest'
import { newTotpSecret, totpCode, totpStep, totpUri } from './totp.ts'

/** Base32 of RFC 6238's secret, "12345678901234567890". */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('totpCode() of second %i is the last six digits of RFC 6238', (seconds, code) => {
  expect(totpCode(secret, Math.floor(seconds / 30))).toBe(code)
})

test('totpStep() takes a code of the step before and after, and no other', () => {
  const now = new Date(1_234_567_890_000)
  const step = Math.floor(1_234_567_890 / 30)
  const found = [-2, -1, 0, 1, 2].map((away) => totpStep(secret, totpCode(secret, step + away), now))
  expect(found).toEqual([undefined, step - 1, step, step + 1, undefined])
  expect(totpStep(secret, '', now)).toBeUndefined()
})

test('a new secret has 160 bits, and its address names account and issuer', () => {
  const fresh = newTotpSecret()
  expect(fresh).toMatch(/^[A-Z2-7]{32}$/)
  expect(totpUri(fresh, 'ada', 'registry.example')).toBe(
    `otpauth://totp/registry.example:ada?secret=${fresh}&issuer=registry.example`,
  )
})
