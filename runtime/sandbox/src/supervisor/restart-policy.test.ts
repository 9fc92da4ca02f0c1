import { expect, test } from 'vitest'
import { resolveLimits } from '../limits.ts'
import { RestartPolicy } from './restart-policy.ts'

function policyAt(clock: { now: number }, limits = {}, random = 0.5): RestartPolicy {
  return new RestartPolicy(
    resolveLimits(limits),
    () => clock.now,
    () => random,
  )
}

test('RestartPolicy waits 0, 0, 0.1, 0.2 s and so on, doubling to 30 s', () => {
  const clock = { now: 0 }
  const policy = policyAt(clock, { hardKillsMax: 100 })
  const delays = Array.from({ length: 12 }, () => {
    const delay = policy.delayMs()
    policy.record('kill')
    return delay
  })
  expect(delays.slice(0, 5)).toEqual([0, 0, 100, 200, 400])
  expect(delays.at(-1)).toBe(30_000)
})

test.each([
  [0, 80],
  [1, 120],
])('RestartPolicy spreads its delays by a fifth: random %d gives %d ms', (random, expected) => {
  const policy = policyAt({ now: 0 }, {}, random)
  policy.record('kill')
  policy.record('kill')
  expect(policy.delayMs()).toBeCloseTo(expected)
})

test('RestartPolicy quarantines after five kills within five minutes, and not when they are further apart', () => {
  const clock = { now: 0 }
  const policy = policyAt(clock)
  const outcomes = Array.from({ length: 5 }, () => {
    clock.now += 100_000
    return policy.record('kill')
  })
  expect(outcomes).toEqual([false, false, false, false, false])
  expect(Array.from({ length: 2 }, () => policy.record('kill'))).toEqual([false, true])
  expect(policy.quarantined).toBe('killed 5 times within 300 s')
})

test('RestartPolicy begins anew when it is resumed', () => {
  const policy = policyAt({ now: 0 })
  for (let i = 0; i < 5; i++) policy.record('kill')
  policy.resume()
  expect([policy.quarantined, policy.delayMs()]).toEqual([undefined, 0])
})

test('RestartPolicy counts lost isolates apart from kills', () => {
  const policy = policyAt({ now: 0 })
  const quarantines = Array.from({ length: 20 }, () => policy.record('isolate'))
  expect(quarantines.indexOf(true)).toBe(19)
  expect(policy.delayMs()).toBe(0)
})
