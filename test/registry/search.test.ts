import { searchAnswer, type SearchAnswer } from '@ingot/manifest'
import { testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { proveSearch } from '../prove/search.ts'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

async function search({ url }: ServedRegistry, query: string): Promise<SearchAnswer> {
  return searchAnswer.parse(await (await fetch(`${url}/api/v1/search?${query}`)).json())
}

const names = ({ items }: SearchAnswer): string[] => items.map(({ name }) => name)
const logs = { type: 'object', properties: { forward_to: { ingot: { kind: 'receivers', types: ['loki.logs'] } } } }

describe.each(storagePairs.filter(({ blobs }) => blobs === 'files'))(
  'search in $database',
  { timeout: 60_000 },
  (pair) => {
    beforeEach((context) => {
      if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    })

    test('finds and counts what reading all modules finds, page by page', async () => {
      await proveSearch({ storage: await stores.storage(pair), modules: 300, queries: 20, seed: 7 })
    })

    test('puts names before keywords, keywords before descriptions, and READMEs last', async () => {
      const served = await stores.serve(await stores.storage(pair))
      await served.publish(testModule({ name: '@acme/one', readme: 'All about geo.' }))
      await served.publish(testModule({ name: '@acme/two', description: 'Adds geo.' }))
      await served.publish(testModule({ name: '@acme/three', component: { tags: ['geo'] } }))
      await served.publish(testModule({ name: '@acme/geometry' }))
      await served.publish(testModule({ name: '@acme/far-geo' }))
      await served.publish(testModule({ name: '@acme/geo' }))
      const found = await search(served, 'q=geo')
      expect(names(found).map((name) => name.slice(6))).toEqual(['geo', 'geometry', 'far-geo', 'three', 'two', 'one'])
      expect(found.items.at(-1)!.highlights).toEqual([
        {
          field: 'readme',
          parts: [
            { text: 'All about ', match: false },
            { text: 'geo', match: true },
            { text: '.', match: false },
          ],
        },
      ])
      expect(names(await search(served, 'q=%40acme%2Fgeo'))[0]).toBe('@acme/geo')
    })

    test('chooses by facets, and counts for each what choosing it would show', async () => {
      const served = await stores.serve(await stores.storage(pair))
      const capabilities = { 'fs.read': [{ why: 'Reads.' }] }
      await served.publish(testModule({ name: '@acme/tail', component: { arguments: logs, capabilities } }))
      await served.publish(testModule({ name: '@acme/demo', component: { arguments: logs } }))
      await served.publish(testModule({ name: '@acme/rest', manifest: { license: 'MIT' } }))
      const all = await search(served, 'signal=logs')
      expect(names(all)).toEqual(['@acme/demo', '@acme/tail'])
      expect(all.facets).toMatchObject({
        signal: [{ value: 'logs', count: 2, selected: true }],
        kind: [{ value: 'source', count: 2, selected: false }],
        capability: [
          { value: 'fs.read', count: 1 },
          { value: 'none', count: 1 },
        ],
        license: [{ value: 'Apache-2.0', count: 2 }],
      })
      expect(names(await search(served, 'signal=logs&capability=none'))).toEqual(['@acme/demo'])
      expect((await search(served, 'license=MIT')).facets.license.map(({ value, count }) => [value, count])).toEqual([
        ['Apache-2.0', 2],
        ['MIT', 1],
      ])
      const both = await search(served, 'capability=none&capability=fs.read&sort=name')
      expect(names(both)).toEqual(['@acme/demo', '@acme/rest', '@acme/tail'])
      expect((await search(served, 'license=No-Such')).facets.license.at(-1)).toEqual({
        value: 'No-Such',
        count: 0,
        selected: true,
      })
    })

    test('goes on where a page has ended, whatever was published in the meantime', async () => {
      const served = await stores.serve(await stores.storage(pair))
      for (const name of ['b', 'd', 'f']) await served.publish(testModule({ name: `@acme/m-${name}` }))
      const first = await search(served, 'sort=name&limit=2')
      expect([names(first), first.total]).toEqual([['@acme/m-b', '@acme/m-d'], 3])
      for (const name of ['a', 'c', 'e']) await served.publish(testModule({ name: `@acme/m-${name}` }))
      const second = await search(served, `sort=name&limit=2&cursor=${first.next}`)
      expect([names(second), second.next]).toEqual([['@acme/m-e', '@acme/m-f'], null])
      const other = await fetch(`${served.url}/api/v1/search?sort=updated&cursor=${first.next}`)
      expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([400, 'request_invalid'])
    })

    test('shows modules of private scopes to nobody else, and does not count them', async () => {
      const served = await stores.serve(await stores.storage(pair))
      await served.publish(testModule())
      const policy = {
        visibility: 'private',
        trusted_publisher_only: 0,
        min_approvals: 0,
        hold_on_capability_increase: 0,
        require_provenance: 0,
      }
      await served.registry.meta.database.write((transaction) =>
        transaction
          .insertInto('scopes')
          .values({ name: '@acme', created_at: '', ...policy })
          .execute(),
      )
      const { total, facets } = await search(served, 'q=redact')
      expect([total, facets.license]).toEqual([0, []])
    })
  },
)

test('search is the same on every server that shares a database, at once', { timeout: 60_000 }, async (context) => {
  requireServer('postgresql', context)
  const pair = storagePairs.find(({ database, blobs }) => database === 'PostgreSQL' && blobs === 'files')!
  const storage = await stores.storage(pair)
  const [one, other] = [await stores.serve(storage), await stores.serve(storage)]
  expect((await search(other, 'q=redact')).total).toBe(0)
  await one.publish(testModule())
  expect(names(await search(other, 'q=redact'))).toEqual(['@acme/redact'])
})
