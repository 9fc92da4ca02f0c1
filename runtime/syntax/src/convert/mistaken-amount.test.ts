import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mistakenDuration, mistakenSize } from './mistaken-amount.ts'

describe('mistakenDuration()', () => {
  test.each<[string, string, string | undefined]>([
    ['1d', '1d', 'write "24h"'],
    ['1w', '1w', 'write "168h"'],
    ['2 hours', '2 hours', 'write "2h"'],
    ['1h 30m', ' 30m', 'write "1h30m"'],
    ['10min', '10min', 'write "10m"'],
    ['1h30', '30', 'write "1h30s"'],
    ['30', '30', 'give the unit, such as "30s"'],
    ['5M', '5M', 'write "5m"'],
    ['soon', 'soon', undefined],
    ['', '', undefined],
  ])('%s: wrong at %j, %s', (text, part, advice) => {
    const found = mistakenDuration(text)
    expect(text.slice(found.place.start, found.place.end)).toBe(part)
    expect(found.advice).toBe(advice)
  })
})

describe('mistakenSize()', () => {
  test.each<[string, string, string | undefined]>([
    ['1024', '1024', 'give the unit, such as "1024B" or "1024KiB"'],
    ['10mb', '10mb', 'write "10MB"'],
    ['5 MiB', '5 MiB', 'write "5MiB"'],
    ['1k', '1k', 'write "1KB"'],
    ['big', 'big', undefined],
  ])('%s: wrong at %j, %s', (text, part, advice) => {
    const found = mistakenSize(text)
    expect(text.slice(found.place.start, found.place.end)).toBe(part)
    expect(found.advice).toBe(advice)
  })
})

test('mistakenDuration() and mistakenSize() judge any text, at a place inside of it', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0159.+-hmsdwKMiB '.split('')) })),
      (text) => {
        for (const { place } of [mistakenDuration(text), mistakenSize(text)]) {
          expect(place.start >= 0 && place.start <= place.end && place.end <= text.length).toBe(true)
        }
      },
    ),
  )
})
