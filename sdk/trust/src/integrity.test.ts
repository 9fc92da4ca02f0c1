import { describe, expect, test } from 'vitest'
import { integrity, integrityOfHex, matchesIntegrity, parseIntegrity } from './integrity.ts'

describe('integrity()', () => {
  test('names bytes by their hash', () => {
    expect(integrity('sha256', '')).toBe('sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
    expect(matchesIntegrity(integrity('sha512', 'abc'), 'abc')).toBe(true)
    expect(matchesIntegrity(integrity('sha512', 'abc'), 'abd')).toBe(false)
  })

  test('survives the way through hexadecimal', () => {
    const text = integrity('sha512', 'abc')
    expect(integrityOfHex('sha512', parseIntegrity(text)!.hex)).toBe(text)
  })
})

describe('parseIntegrity()', () => {
  test.each([
    ['nothing', ''],
    ['another algorithm', 'md5-1B2M2Y8AsgTpgAmY7PhCfg=='],
    ['a digest that is too short', 'sha256-AAAA'],
    ['base64 with stray bits', 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV='],
    ['base64 without padding', 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'],
    ['several digests', `${integrity('sha256', 'a')} ${integrity('sha256', 'b')}`],
  ])('refuses %s', (_, text) => {
    expect(parseIntegrity(text)).toBeUndefined()
    expect(matchesIntegrity(text, '')).toBe(false)
  })
})
