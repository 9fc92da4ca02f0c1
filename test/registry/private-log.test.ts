import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  backupRegistry,
  checkRegistry,
  exportRegistry,
  projectIndex,
  restoreRegistry,
  type LogLeaf,
  type StorageOptions,
} from '@ingot/registry-server'
import { publishTo, signedUp, testModule } from '@ingot/registry-server/testing'
import { decodeEntries, leafBytes, rootFingerprint } from '@ingot/trust'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { distributionUser, temporaryFolder } from './distribution-user.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

const secret = '@merger-of-2027'
const code = 'export default "of nobody else"'

interface Member {
  readonly server: ServedRegistry
  readonly storage: StorageOptions
  readonly reader: Readonly<Record<'authorization', string>>
  /** What a client sends. */
  readonly token: string
}

/** A registry with a public module, and a scope that was private from the beginning with one that was yanked and tagged. */
async function start(storage: StorageOptions): Promise<Member> {
  const server = await stores.serve(storage)
  const ada = await signedUp(server, 'ada', { secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: secret, visibility: 'private' })
  const permissions = ['read', 'publish', 'yank', 'tag']
  const wanted = { description: 'all', modules: `${secret}/*`, permissions }
  const { token } = await ada.json<{ token: string }>(201, 'POST', '/api/v1/tokens', wanted)
  await server.publish(testModule())
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    const module = testModule({ name: `${secret}/plan`, version, code, readme: `# ${version}\n` })
    expect((await publishTo(server.url, token, module)).status).toBe(201)
  }
  const path = `/api/v1/modules/${secret}/plan`
  await ada.json(200, 'POST', `${path}/versions/2.0.0/yank`, { reason: 'Too early.' })
  await ada.json(200, 'PUT', `${path}/tags/stable`, { version: '1.1.0' })
  await ada.json(200, 'PATCH', `/api/v1/scopes/${secret}`, { minApprovals: 1 })
  await ada.json(201, 'POST', `/api/v1/scopes/${secret}/advisories`, {
    summary: `About ${secret}/plan.`,
    affected: [{ module: `${secret}/plan`, events: [{ introduced: '0' }] }],
  })
  return { server, storage, token, reader: { authorization: `Bearer ${token}` } }
}

async function entriesOf(url: string): Promise<string[]> {
  const checkpoint = await (await fetch(`${url}/log/checkpoint`)).text()
  const width = Number(checkpoint.split('\n')[1])
  const bytes = await (await fetch(`${url}/log/tile/entries/000.p/${width}`)).arrayBuffer()
  const tile = { level: 'entries', index: 0, width } as const
  return decodeEntries(tile, new Uint8Array(bytes)).map((entry) => Buffer.from(entry).toString())
}

async function leavesOf({ server, reader }: Member): Promise<(LogLeaf & { salt: string | null })[]> {
  const answer = await fetch(`${server.url}/api/v1/modules/${secret}/plan/log`, { headers: reader })
  return ((await answer.json()) as { leaves: (LogLeaf & { salt: string | null })[] }).leaves
}

describe.each([storagePairs[0]!, storagePairs[2]!])(
  'what the log in $database has of a private scope',
  { timeout: 60_000 },
  (pair) => {
    beforeEach((context) => {
      if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    })

    test('is commitments, of which no two are the same', async () => {
      const { server } = await start(await stores.storage(pair))
      const entries = await entriesOf(server.url)
      expect(entries.filter((entry) => entry.includes('merger'))).toEqual([])
      const commitments = entries.filter((entry) => entry.includes('"type":"urn:ingot:private:v1"'))
      // Its owner, three versions, a yank, a tag, a policy and an advisory; of the public module one entry is there.
      expect([commitments.length, new Set(commitments).size, entries.length]).toEqual([8, 8, 9])
    })

    test('its members open: each leaf is the one of the log, and together they are the index', async () => {
      const member = await start(await stores.storage(pair))
      const { server, reader } = member
      const [leaves, entries] = [await leavesOf(member), await entriesOf(server.url)]
      for (const { index, leaf, salt } of leaves) {
        expect(salt).not.toBeNull()
        expect(Buffer.from(leafBytes(Buffer.from(leaf), salt)).toString()).toBe(entries[index])
      }
      const index = await fetch(`${server.url}/index/${secret}/plan.ndjson`, { headers: reader })
      expect(projectIndex(`${secret}/plan`, leaves)).toBe(await index.text())
      expect((await fetch(`${server.url}/api/v1/modules/${secret}/plan/log`)).status).toBe(404)
      expect((await fetch(`${server.url}/log/${leaves[0]!.index}`)).status).toBe(404)
    })

    test('holds after a move: everything is found right, and every byte is the same', async () => {
      const member = await start(await stores.storage(pair))
      const before = await entriesOf(member.server.url)
      const backup = join(await temporaryFolder(), 'backup')
      await backupRegistry(member.storage, backup)
      const moved = await stores.storage(storagePairs[0]!)
      await restoreRegistry(moved, backup)
      expect((await checkRegistry(moved)).problems).toEqual([])
      expect(await entriesOf((await stores.serve(moved)).url)).toEqual(before)
    })

    test('is missed when a salt was changed', async () => {
      const { server, storage } = await start(await stores.storage(pair))
      await server.registry.meta.database.write((transaction) =>
        transaction
          .updateTable('log_leaves')
          .set({ salt: Buffer.alloc(32).toString('base64') })
          .where('type', '=', 'yank')
          .execute(),
      )
      expect((await checkRegistry(storage)).problems).toContain(
        'node 5 of level 0 of the log is not the hash of what is below it',
      )
    })
  },
)

test('a member’s client verifies a private module to the log; with another salt it takes nothing', async () => {
  const { server, token } = await start(await stores.storage(storagePairs[0]!))
  const user = await distributionUser(rootFingerprint(server.registry.keys.root), { module: `${secret}/plan`, token })
  const { lock, version } = await user.add(server.url)
  expect(version).toBe('1.1.0')
  expect((await user.start(server.url, lock)).size).toBe(1)
  await server.registry.meta.database.write(async (transaction) => {
    const [row] = await transaction.selectFrom('versions').selectAll().where('version', '=', '1.1.0').execute()
    const bundle = JSON.parse(row!.bundle) as { inclusion: object }
    const other = { ...bundle, inclusion: { ...bundle.inclusion, salt: Buffer.alloc(32).toString('base64') } }
    const changed = { bundle: JSON.stringify(other) }
    await transaction.updateTable('versions').set(changed).where('log_index', '=', row!.log_index).execute()
  })
  const another = await distributionUser(rootFingerprint(server.registry.keys.root), {
    module: `${secret}/plan`,
    token,
  })
  await expect(another.add(server.url)).rejects.toThrow('Cannot verify that leaf 3 is in the log of 4')
})

test('an export has no byte that names a private scope', { timeout: 60_000 }, async () => {
  const { storage } = await start(await stores.storage(storagePairs[0]!))
  const tree = join(await temporaryFolder(), 'tree')
  expect(await exportRegistry(storage, tree)).toMatchObject({ modules: 1 })
  const files = await readdir(tree, { recursive: true, withFileTypes: true })
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    expect(path).not.toContain('merger')
    if (file.isFile()) expect((await readFile(path)).includes('merger'), path).toBe(false)
  }
})

test('a mirror passes on the commitments, and nothing that names what they are of', { timeout: 60_000 }, async () => {
  const { server } = await start(await stores.storage(storagePairs[0]!))
  const local = await stores.serve(await stores.storage(storagePairs[0]!))
  const root = rootFingerprint(server.registry.keys.root)
  const upstream = { name: 'up', url: server.url, root, scopes: ['@*'], minAgeMs: 0 }
  await local.registry.meta.upstreams.put(upstream)
  const mirror = `${local.url}/mirror/up`
  expect((await fetch(`${mirror}/index/@acme/redact.ndjson`)).status).toBe(200)
  expect(await entriesOf(mirror)).toEqual(await entriesOf(server.url))
  for (const path of [`index/${secret}/plan.ndjson`, `m/${secret}/plan/1.1.0/bundle.json`]) {
    expect((await fetch(`${mirror}/${path}`)).status, path).toBe(404)
  }
})

test('what a scope was while it was public stays in the log, as readable as it was', async () => {
  const server = await stores.serve(await stores.storage(storagePairs[0]!))
  const ada = await signedUp(server, 'ada', { secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@once' })
  await ada.json(200, 'PATCH', '/api/v1/scopes/@once', { visibility: 'private' })
  await ada.json(200, 'PATCH', '/api/v1/scopes/@once', { minApprovals: 2 })
  await ada.json(200, 'PATCH', '/api/v1/scopes/@once', { visibility: 'public' })
  const entries = await entriesOf(server.url)
  expect(entries.map((entry) => entry.includes('@once'))).toEqual([true, false, false, true])
})
