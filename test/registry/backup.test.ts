import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { backupRegistry, checkRegistry, openStorage, restoreRegistry } from '@ingot/registry-server'
import { testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-backup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What clients may have kept: every one of these must be the same wherever the registry moves. */
const promised = [
  '/keys/root.json',
  '/index/@acme/redact.ndjson',
  '/m/@acme/redact/1.0.0/bundle.json',
  '/m/@acme/redact/1.1.0/manifest.json',
  '/log/checkpoint',
  '/log/tile/0/000.p/3',
  '/log/tile/entries/000.p/3',
  '/api/v1/log/proof?leaf=1&size=3',
  '/api/v1/log/proof?from=1&to=3',
  '/api/v1/events?after=0',
  '/api/v1/search?q=card',
]

async function answers({ url }: ServedRegistry): Promise<unknown[]> {
  const found = promised.map(async (path) => {
    const response = await fetch(`${url}${path}`)
    return [path, response.status, response.headers.get('etag'), await response.text()]
  })
  return Promise.all(found)
}

const [files, , , servers4] = storagePairs as [(typeof storagePairs)[0], unknown, unknown, (typeof storagePairs)[0]]

describe.each([
  { from: files, to: servers4 },
  { from: servers4, to: files },
])('a registry in $from.database and $from.blobs', { timeout: 60_000 }, ({ from, to }) => {
  beforeEach((context) => void requireServer('postgresql', context))

  test(`moves to ${to.database} and ${to.blobs} without a changed answer, and goes on there`, async () => {
    const [storage, folder] = [await stores.storage(from), await temporaryFolder()]
    const old = await stores.serve(storage)
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
      expect((await old.publish(testModule({ version, code: version }))).status).toBe(201)
    }
    const before = await answers(old)
    expect(await backupRegistry(storage, folder)).toMatchObject({ blobs: 3, blobsCopied: 3 })
    // What comes after a backup is in the next one, which copies nothing twice.
    await old.publish(testModule({ version: '3.0.0', code: 'late' }))

    const target = await stores.storage(to)
    expect(await restoreRegistry(target, folder)).toMatchObject({ blobs: 3 })
    expect(await checkRegistry(target)).toEqual({ leaves: 3, versions: 3, blobs: 3, problems: [] })
    await expect(restoreRegistry(target, folder)).rejects.toThrow('want empty storage')
    const moved = await stores.serve(target)
    expect(await answers(moved)).toEqual(before)
    expect((await moved.publish(testModule({ version: '1.1.0', code: 'other' }))).status).toBe(409)
    expect((await moved.publish(testModule({ version: '1.2.0' }))).status).toBe(201)
    expect((await checkRegistry(target)).problems).toEqual([])

    expect(await backupRegistry(storage, folder)).toMatchObject({ blobs: 4, blobsCopied: 1 })
  })

  test('is consistent in a backup that is made while versions are published', async () => {
    const [storage, folder, target] = [await stores.storage(from), await temporaryFolder(), await stores.storage(to)]
    const { publish, registry } = await stores.serve(storage)
    await publish(testModule({ version: '0.1.0' }))
    const publishing = Array.from({ length: 12 }, (_, index) => publish(testModule({ version: `1.${index}.0` })))
    await Promise.race(publishing)
    await backupRegistry(storage, folder)
    await Promise.all(publishing)
    await restoreRegistry(target, folder)
    const { leaves, versions, problems } = await checkRegistry(target)
    expect(problems).toEqual([])
    expect(versions).toBe(leaves)
    expect(leaves).toBeGreaterThan(1)
    expect(leaves).toBeLessThanOrEqual(await registry.meta.log.size())
  })
})

describe('checkRegistry()', () => {
  test.each([
    ["UPDATE log_leaves SET leaf = replace(leaf, '1.1.0', '6.6.6') WHERE idx = 1", 'node 1 of level 0'],
    ['DELETE FROM log_nodes WHERE level = 1', 'node 0 of level 1'],
    ["UPDATE versions SET sha512 = '00' WHERE log_index = 0", 'version 1.0.0 of log index 0'],
    ["UPDATE audit SET actor = 'nobody' WHERE seq = 0", 'entry 0 of the audit trail'],
  ])('finds what %s has changed', async (statement, problem) => {
    const storage = await stores.storage(files)
    const { publish, close } = await stores.serve(storage)
    for (const version of ['1.0.0', '1.1.0']) await publish(testModule({ version, code: version }))
    await close()
    const database = new DatabaseSync(join(storage.dataDir, 'registry.db'))
    database.exec(statement)
    database.close()
    expect((await checkRegistry(storage)).problems.join('\n')).toContain(problem)
  })

  test('finds a module that is missing, and one that has other bytes', async () => {
    const storage = await stores.storage(files)
    const { publish, close } = await stores.serve(storage)
    for (const version of ['1.0.0', '1.1.0']) await publish(testModule({ version, code: version }))
    await close()
    const folder = join(storage.dataDir, 'blobs/sha512')
    const [first, second] = await readdir(folder)
    await rm(join(folder, first!))
    await appendFile(join(folder, second!), 'x')
    const { problems } = await checkRegistry(storage)
    const found = new Set(problems.map((problem) => problem.split(' has ')[0]))
    expect(found).toEqual(new Set([`the blob ${first} is missing`, `the blob ${second}`]))
  })
})

describe('restoreRegistry()', () => {
  test.each([
    ['ends within a line', (facts: string) => facts.slice(0, -3)],
    ['lacks lines', (facts: string) => facts.split('\n').slice(0, -4).join('\n')],
    ['is empty', () => ''],
    ['is of another version', (facts: string) => facts.replace('0001', '0000')],
  ])('takes nothing from a backup that %s', async (_, spoil) => {
    const [storage, folder] = [await stores.storage(files), await temporaryFolder()]
    const { publish } = await stores.serve(storage)
    await publish(testModule())
    await backupRegistry(storage, folder)
    const facts = join(folder, 'facts.ndjson')
    await writeFile(facts, spoil(await readFile(facts, 'utf8')))
    const target = await stores.storage(files)
    await expect(restoreRegistry(target, folder)).rejects.toThrow('Cannot restore the registry: ')
    const { meta, close } = await openStorage(target)
    expect(await meta.log.size()).toBe(0)
    await close()
  })
})
