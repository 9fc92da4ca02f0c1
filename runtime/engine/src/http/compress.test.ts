import { expect, test } from 'vitest'
import { acceptsGzip } from './compress.ts'

test('acceptsGzip() takes gzip at any weight but zero', () => {
  for (const header of ['gzip', 'deflate, gzip;q=0.5', 'GZIP;q=1.0, *;q=0']) expect(acceptsGzip(header)).toBe(true)
  for (const header of [undefined, '', 'identity', 'gzip;q=0', 'gzip; q=0.000', 'br']) {
    expect(acceptsGzip(header)).toBe(false)
  }
})
