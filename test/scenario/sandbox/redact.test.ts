import { linesOf, logsBatch } from '@ingot/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Rooms } from './both-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await Rooms.open()
})
afterAll(() => rooms.close())

test('@acme/redact masks the same in a runner as in a lane, asks for nothing and keeps every line', async () => {
  const lines = Array.from(
    { length: 3_000 },
    (_, i) => `request ${i} card="4111 1111 1111 1111" user=jo${i}@example.org token: Bearer abcdef${i}xyz – ☃`,
  )
  const { component, runner, lane } = await rooms.run('redact', {}, [logsBatch(lines)])
  expect(component).toMatchObject({ name: 'pii', capabilities: {}, tags: ['redact'] })
  expect(runner.outcomes).toEqual([{ status: 'delivered' }])
  const masked = linesOf(...runner.emitted)
  expect(masked).toEqual(linesOf(...lane.emitted))
  expect(masked).toHaveLength(lines.length)
  expect(masked[7]).toBe('request 7 card="*******************" user=*************** token: Bearer ********** – ☃')
})
