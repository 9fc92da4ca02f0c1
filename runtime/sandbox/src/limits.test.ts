import { expect, test } from 'vitest'
import { limitDefaults, residentBytesMax, resolveLimits, type Limits } from './limits.ts'

test('resolveLimits() overlays the defaults', () => {
  expect(resolveLimits({ memoryMiB: 32 })).toEqual({ ...limitDefaults, memoryMiB: 32 })
})

test('the resident memory follows from the heap unless it is given', () => {
  expect([residentBytesMax(resolveLimits()), residentBytesMax(resolveLimits({ residentMiB: 100 }))]).toEqual([
    256 * 2 ** 20,
    100 * 2 ** 20,
  ])
})

test.each([
  [{ memoryMiB: 1024 }, /"memoryMiB" to 1024: want a number of at least 8, at most 512/],
  [{ memoryMiB: 4 }, /"memoryMiB" to 4: want a number of at least 8/],
  [{ turnTimeoutMs: 0 }, /"turnTimeoutMs" to 0/],
  [{ colour: 1 } as Partial<Limits>, /no such limit/],
])('resolveLimits() refuses %o', (overrides, message) => {
  expect(() => resolveLimits(overrides)).toThrow(message)
})
