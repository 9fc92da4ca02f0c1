import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSize } from './size.ts'

test.each([
  ['0', 0],
  ['1B', 1],
  ['512KiB', 524_288],
  ['1KB', 1024],
  ['1MB', 1_048_576],
  ['1.5GiB', 1_610_612_736],
  ['1MiB512KiB', 1_572_864],
  ['7EiB', 7 * 2 ** 60],
  ['8EiB', undefined],
  ['1', undefined],
  ['1K', undefined],
  ['1kb', undefined],
  ['', undefined],
])('parseSize() of %j is %s', (text, expected) => {
  expect(parseSize(text)).toBe(expected)
})

test('parseSize() multiplies by powers of 1024, whatever the unit is called', () => {
  const prefix = fc.constantFrom('K', 'M', 'G', 'T')
  fc.assert(
    fc.property(fc.nat(999), prefix, fc.constantFrom('B', 'iB'), (count, letter, ending) => {
      const shift = 10n * BigInt('KMGT'.indexOf(letter) + 1)
      expect(parseSize(`${count}${letter}${ending}`)).toBe(Number(BigInt(count) << shift))
    }),
  )
})
