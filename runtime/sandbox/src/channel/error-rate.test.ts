import { expect, test } from 'vitest'
import { ErrorRate, type Degraded } from './error-rate.ts'

function rate() {
  const changes: (Degraded | undefined)[] = []
  const clock = { ms: 0 }
  const errors = new ErrorRate(
    (degraded) => changes.push(degraded),
    () => clock.ms,
  )
  const record = (failed: number, good: number): void => {
    for (let i = 0; i < good; i++) errors.record(false)
    for (let i = 0; i < failed; i++) errors.record(true)
  }
  return { errors, changes, clock, record }
}

test('more than a fifth of the batches of a minute degrade a component', () => {
  const { changes, record, errors } = rate()
  record(20, 80)
  expect(changes).toEqual([])
  record(1, 0)
  expect(changes).toEqual([{ errors: 21, batches: 101 }])
  record(5, 0)
  expect(changes).toHaveLength(1)
  errors.stop()
})

test('a degraded component recovers when good batches outnumber errors, and when errors are past', () => {
  const { changes, clock, record, errors } = rate()
  record(5, 0)
  clock.ms = 30_000
  record(0, 30)
  errors.look()
  expect(changes).toEqual([{ errors: 5, batches: 5 }, undefined])
  record(10, 0)
  clock.ms = 95_000
  errors.look()
  expect(changes.slice(2)).toEqual([{ errors: 8, batches: 38 }, undefined])
  errors.stop()
})

test('a few batches say nothing', () => {
  const { changes, record } = rate()
  record(4, 0)
  expect(changes).toEqual([])
})
