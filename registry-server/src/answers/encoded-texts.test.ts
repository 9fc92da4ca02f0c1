import { expect, test } from 'vitest'
import { chosenEncoding } from './encoded-texts.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['GZIP;q=0.5, br;q=0.2', 'gzip'],
  ['*', 'zstd'],
  ['*;q=0.1, gzip', 'gzip'],
  ['zstd;q=0, br;q=0, *', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.2, identity;q=0.9', undefined],
  ['gzip;q=nonsense', undefined],
  ['deflate, compress', undefined],
])('chosenEncoding(%j) is %s', (header, encoding) => {
  expect(chosenEncoding(header)).toBe(encoding)
})
