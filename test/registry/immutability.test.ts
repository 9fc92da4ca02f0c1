import { createHash } from 'node:crypto'
import { checkRegistry, createToken } from '@ingot/registry-server'
import { publishTo, testModule, type TestModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SeededRandom } from '../prove/seeded-random.ts'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

const steps = 60
const versions = ['1.0.0', '1.0.1', '1.1.0', '2.0.0']

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

/** What must never change about a version once it was acknowledged. */
async function promised({ url }: ServedRegistry, version: string, sha512: string): Promise<unknown> {
  const blob = Buffer.from(await (await fetch(`${url}/blobs/sha512/${sha512}`)).arrayBuffer())
  expect(createHash('sha512').update(blob).digest('hex')).toBe(sha512)
  const documents = ['manifest.json', 'bundle.json'].map(async (name) =>
    (await fetch(`${url}/m/@acme/redact/${version}/${name}`)).text(),
  )
  return Promise.all(documents)
}

describe.each([storagePairs[0]!, storagePairs[3]!])('in $database and $blobs', { timeout: 120_000 }, (pair) => {
  beforeEach((context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
  })

  test('whatever is done to a registry, the bytes behind a digest stay, and what is said of them', async () => {
    const storage = await stores.storage(pair)
    let served = await stores.serve(storage)
    const permissions = ['publish', 'yank', 'tag'] as const
    const options = { description: 'test', modules: '*', permissions: [...permissions] }
    const { token } = await createToken(served.registry.meta.tokens, options)
    const random = new SeededRandom(3)
    const known = new Map<string, { sha512: string; said: unknown }>()
    const post = (path: string, body: unknown, method = 'POST'): Promise<Response> =>
      fetch(`${served.url}/api/v1/modules/@acme/redact${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const publish = async (version: string, module: TestModule): Promise<void> => {
      const sha512 = createHash('sha512').update(module.archive).digest('hex')
      const { status } = await publishTo(served.url, token, module)
      const before = known.get(version)
      expect(status).toBe(before === undefined ? 201 : before.sha512 === sha512 ? 200 : 409)
      if (!before) known.set(version, { sha512, said: await promised(served, version, sha512) })
    }
    const actions = [
      (version: string) => publish(version, testModule({ version, code: `export default ${random.below(3)}` })),
      (version: string) => publish(version, testModule({ version, code: `export default ${random.below(3)}` })),
      (version: string) => post(`/versions/${version}/yank`, { reason: 'It is wrong.' }),
      (version: string) => post(`/versions/${version}/unyank`, { reason: 'It is right.' }),
      (version: string) => post(`/versions/${version}/deprecate`, { reason: 'It is old.' }),
      (version: string) => post('/tags/beta', { version }, 'PUT'),
      async () => {
        await served.close()
        served = await stores.serve(storage)
      },
    ]
    for (let step = 0; step < steps; step++) {
      await random.pick(actions)(random.pick(versions))
      for (const [version, { sha512, said }] of known) {
        expect(await promised(served, version, sha512), `step ${step}, ${version}`).toEqual(said)
      }
    }
    expect(known.size).toBe(versions.length)
    await served.close()
    const found = await checkRegistry(storage)
    expect(found.problems).toEqual([])
  })
})
