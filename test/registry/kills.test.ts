import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifecycleKills } from '../prove/lifecycle-kills.ts'
import { publishKills } from '../prove/publish-kills.ts'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

/** A slice of `npm run prove -- publish-kills`. */
const kills = 3

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

test.for(storagePairs)(
  'a publish that was acknowledged survives kill -9 in $database and $blobs, and no other is half there',
  { timeout: 120_000 },
  async (pair, context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    const { acknowledged } = await publishKills({ storage: await stores.storage(pair), kills })
    expect(acknowledged, 'acknowledged versions').toBeGreaterThan(0)
  },
)

test.for([storagePairs[0]!, storagePairs[3]!])(
  'what was answered to a stage, an approval and a yank survives kill -9 in $database and $blobs',
  { timeout: 120_000 },
  async (pair, context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    const { yanked } = await lifecycleKills({ storage: await stores.storage(pair), kills })
    expect(yanked, 'yanks that were answered').toBeGreaterThan(0)
  },
)
