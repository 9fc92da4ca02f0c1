import { afterAll, beforeAll, expect, test } from 'vitest'
import { provePrivateTiming } from '../prove/private-timing.ts'
import { servers } from '../servers/debian.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

/** A slice of `npm run prove -- private-timing`: that everything is refused, not how fast. */
test('what is private is refused in every place as what is not there', { timeout: 120_000 }, async () => {
  const storage = await stores.storage(storagePairs[0]!)
  const figures = await provePrivateTiming({ storage, requests: 5, seed: 1 })
  expect(figures.map(({ place, who }) => `${place} by ${who}`)).toHaveLength(18)
  expect(figures.every(({ boundMs }) => boundMs >= 0)).toBe(true)
})
