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
