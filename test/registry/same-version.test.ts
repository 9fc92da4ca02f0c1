import { afterAll, beforeAll, test } from 'vitest'
import { publishSameVersion } from '../prove/same-version.ts'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

const publishers = 200

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

test(
  'of 200 concurrent publishers of one version one wins, on one server with SQLite',
  { timeout: 120_000 },
  async () => {
    await publishSameVersion({ storage: await stores.storage(storagePairs[0]!), publishers, replicas: 1 })
  },
)

test(
  'of 200 concurrent publishers of one version one wins, on three servers with PostgreSQL and S3',
  { timeout: 120_000 },
  async (context) => {
    requireServer('postgresql', context)
    await publishSameVersion({ storage: await stores.storage(storagePairs[3]!), publishers, replicas: 3 })
  },
)
