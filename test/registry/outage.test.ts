import { testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { until } from '../servers/process.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

test(
  'a registry outlives its database and its bucket: 503 while they are away, and then all as before',
  { timeout: 120_000 },
  async (context) => {
    requireServer('postgresql', context)
    const failures: unknown[] = []
    const storage = await stores.storage(storagePairs[3]!)
    const { url, publish } = await stores.serve(storage, (error) => failures.push(error))
    expect((await publish(testModule())).status).toBe(201)
    const index = await (await fetch(`${url}/index/@acme/redact.ndjson`)).text()
    await stores.without(async () => {
      const refused = await publish(testModule({ version: '1.0.1' }))
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'unavailable'])
      expect((await fetch(`${url}/index/@acme/redact.ndjson`)).status).toBe(503)
    })
    expect(failures.length).toBeGreaterThan(0)
    expect(await (await fetch(`${url}/index/@acme/redact.ndjson`)).text()).toBe(index)
    expect((await publish(testModule({ version: '1.0.1' }))).status).toBe(201)
    expect((await publish(testModule())).status).toBe(200)
  },
)

test(
  'a database that goes away in the middle of a transaction fails it, and no more',
  { timeout: 60_000 },
  async (context) => {
    requireServer('postgresql', context)
    const { registry, publish } = await stores.serve(await stores.storage(storagePairs[2]!))
    await expect(
      registry.meta.database.write(async (transaction) => {
        await transaction.selectFrom('modules').select('id').execute()
        await stores.without(async () => undefined)
        await transaction.selectFrom('modules').select('id').execute()
      }),
    ).rejects.toThrow(/terminat|Connection|connection/)
    await until(async () => (await publish(testModule())).ok, 'the registry to publish again')
  },
)
