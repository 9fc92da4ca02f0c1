import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveLoad } from '../prove/load.ts'
import { servers } from '../servers/debian.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

/** A slice of `npm run prove -- load`: what is answered, not how fast. */
test(
  'many who publish, ask for what has not changed, and download at once are all answered',
  { timeout: 120_000 },
  async () => {
    const storage = await stores.storage(storagePairs[0]!)
    const { index } = await proveLoad({ storage, publishes: 10, downloads: 20, perSecond: 200, seconds: 2 })
    expect(index.requests).toBe(400)
  },
)
