import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'
import { retryAfterMs, retryAfterMsMax } from './retry-after.ts'

test('Backoff doubles up to its maximum, with half of it as jitter', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 350, random: { float: () => 1 } })
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 350, 350])
  expect(backoff.failures).toBe(4)
  backoff.reset()
  expect(new Backoff({ minMs: 100, maxMs: 350, random: { float: () => 0 } }).next()).toBe(50)
  expect(backoff.next()).toBe(100)
})

test('Backoff waits at least as long as the server asks', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 350, random: { float: () => 1 } })
  expect(backoff.next(5000)).toBe(5000)
})

test('retryAfterMs() reads seconds and dates, within its bound', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(retryAfterMs('3', now)).toBe(3000)
  expect(retryAfterMs(new Date(now + 5000).toUTCString(), now)).toBe(5000)
  expect(retryAfterMs(new Date(now - 5000).toUTCString(), now)).toBe(0)
  expect(retryAfterMs('99999999', now)).toBe(retryAfterMsMax)
  expect(retryAfterMs('soon', now)).toBeUndefined()
  expect(retryAfterMs(undefined, now)).toBeUndefined()
})
