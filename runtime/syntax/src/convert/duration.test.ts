import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['0', 0n],
  ['+0', 0n],
  ['1ns', 1n],
  ['1us', 1000n],
  ['1µs', 1000n],
  ['1.5s', 1_500_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['1h2m3s4ms', 3_723_004_000_000n],
  ['-1m', -60_000_000_000n],
  ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n],
  ['2562047h47m16.854775808s', undefined],
  ['-2562047h47m16.854775808s', -9_223_372_036_854_775_808n],
  ['1', undefined],
  ['1d', undefined],
  ['1 s', undefined],
  ['s', undefined],
  ['.s', undefined],
  ['--1s', undefined],
  ['', undefined],
])('parseDuration() of %j is %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test('parseDuration() adds up what is written, to the nanosecond', () => {
  const units = {
    ns: 1n,
    us: 1_000n,
    µs: 1_000n,
    ms: 10n ** 6n,
    s: 10n ** 9n,
    m: 60n * 10n ** 9n,
    h: 3_600n * 10n ** 9n,
  }
  const part = fc.tuple(fc.nat(999), fc.stringMatching(/^\d{0,9}$/), fc.constantFrom(...Object.keys(units)))
  fc.assert(
    fc.property(fc.constantFrom('', '+', '-'), fc.array(part, { minLength: 1, maxLength: 4 }), (sign, parts) => {
      const text = sign + parts.map(([whole, fraction, unit]) => `${whole}.${fraction}${unit}`).join('')
      const total = parts.reduce((sum, [whole, fraction, unit]) => {
        const scale = units[unit as keyof typeof units]
        return sum + BigInt(whole) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
      }, 0n)
      expect(parseDuration(text)).toBe(sign === '-' ? -total : total)
    }),
  )
})
