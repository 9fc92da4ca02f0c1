import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { exportRegistry, importRegistry } from '@ingot/registry-server'
import { testModule } from '@ingot/registry-server/testing'
import { rootFingerprint } from '@ingot/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { serveWithNginx } from '../servers/nginx.ts'
import { distributionUser, temporaryFolder } from './distribution-user.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

async function served() {
  const storage = await stores.storage(storagePairs[0]!)
  const server = await stores.serve(storage)
  for (const version of ['1.0.0', '1.1.0']) await server.publish(testModule({ version, code: version }))
  await server.publish(testModule({ name: '@acme/other' }))
  return {
    storage,
    server,
    root: rootFingerprint(server.registry.keys.root),
    tree: join(await temporaryFolder(), 'tree'),
  }
}

test('a folder behind nginx, and the folder itself, are the registry', { timeout: 60_000 }, async (context) => {
  const nginx = requireServer('nginx', context)
  const { storage, server, root, tree } = await served()
  expect(await exportRegistry(storage, tree)).toMatchObject({ modules: 2, versions: 3 })
  const url = await serveWithNginx(nginx, tree)
  for (const path of [
    '/index/@acme/redact.ndjson',
    '/m/@acme/redact/1.1.0/bundle.json',
    '/m/@acme/redact/1.1.0/manifest.json',
    '/m/@acme/redact/1.1.0/files/components/pii.mjs',
    '/log/checkpoint',
    '/log/tile/0/000.p/3',
    '/log/tile/entries/000.p/3',
    '/keys/root.json',
    '/keys/1.root.json',
  ]) {
    const [live, copy] = await Promise.all([fetch(`${server.url}${path}`), fetch(`${url}${path}`)])
    expect([path, copy.status, await copy.text()]).toEqual([path, 200, await live.text()])
  }
  for (const address of [url, pathToFileURL(tree).href]) {
    const user = await distributionUser(root)
    const { lock, version } = await user.add(address)
    expect(version).toBe('1.1.0')
    expect((await user.start(address, lock)).size).toBe(1)
  }
})

test(
  'an export that is repeated writes what is new, and one that was interrupted goes on',
  { timeout: 60_000 },
  async () => {
    const { storage, server, root, tree } = await served()
    await exportRegistry(storage, tree)
    const user = await distributionUser(root)
    const { lock } = await user.add(pathToFileURL(tree).href)
    expect(await readFile(join(tree, 'm/@acme/redact/1.1.0/files/components/pii.mjs'), 'utf8')).toBe('1.1.0')
    await server.publish(testModule({ version: '1.2.0' }))
    const before = await readFile(join(tree, 'index/@acme/redact.ndjson'), 'utf8')
    // As far as an export came that was killed: indexes were not yet in place.
    await rm(join(tree, 'blobs'), { recursive: true })
    await writeFile(join(tree, '.next'), 'half').catch(() => undefined)
    const again = await exportRegistry(storage, tree)
    expect(again).toMatchObject({ modules: 2, versions: 4 })
    expect(await readFile(join(tree, 'index/@acme/redact.ndjson'), 'utf8')).not.toBe(before)
    expect((await readdir(tree)).includes('.next')).toBe(false)
    expect((await user.add(pathToFileURL(tree).href, lock)).version).toBe('1.2.0')
  },
)

test('an export of one scope has no word of others', { timeout: 60_000 }, async () => {
  const { storage, server, root, tree } = await served()
  await server.publish(testModule({ name: '@secret/plan' }))
  expect(await exportRegistry(storage, tree, { scopes: ['@acme'] })).toMatchObject({ modules: 2 })
  const files = await readdir(tree, { recursive: true, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile())) {
    const text = await readFile(join(file.parentPath, file.name), 'latin1')
    expect([file.name, text.includes('secret')]).toEqual([file.name, false])
  }
  const user = await distributionUser(root)
  expect((await user.add(pathToFileURL(tree).href)).version).toBe('1.1.0')
})

test(
  'an export is imported without a network, and served as its registry has signed it',
  { timeout: 60_000 },
  async () => {
    const { storage, server, root, tree } = await served()
    await exportRegistry(storage, tree, { validMs: 30 * 86_400_000 })
    const far = await stores.storage(storagePairs[0]!)
    const target = await stores.serve(far)
    expect(await importRegistry(far, tree, { name: 'acme', root })).toEqual({ modules: 2, versions: 3 })
    const url = `${target.url}/mirror/acme`
    const user = await distributionUser(root)
    const { lock, version } = await user.add(url)
    expect(version).toBe('1.1.0')
    expect((await user.start(url, lock)).size).toBe(1)
    const bundle = '/m/@acme/redact/1.0.0/bundle.json'
    expect(await (await fetch(`${url}${bundle}`)).text()).toBe(await (await fetch(`${server.url}${bundle}`)).text())
    await server.publish(testModule({ version: '1.3.0' }))
    await exportRegistry(storage, tree)
    expect(await importRegistry(far, tree, { name: 'acme', root })).toEqual({ modules: 2, versions: 4 })
  },
)

test.each<[string, string, (bytes: Buffer) => Buffer]>([
  ['a module with other bytes', 'blobs/sha512', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  [
    'an index with other lines',
    'index/@acme/redact.ndjson',
    (bytes) => Buffer.from(bytes.toString().replace('"1.1.0"', '"6.6.6"')),
  ],
  [
    'a statement that was changed',
    'm/@acme/redact/1.0.0/bundle.json',
    (bytes) => Buffer.from(bytes.toString().replace('"index":0', '"index":1')),
  ],
  ['a checkpoint of nobody', 'log/checkpoint', (bytes) => Buffer.from(bytes.toString().replace('\n3\n', '\n4\n'))],
])('nothing is served of an import with %s', { timeout: 60_000 }, async (_, path, spoil) => {
  const { storage, root, tree } = await served()
  await exportRegistry(storage, tree)
  const file = path === 'blobs/sha512' ? join(tree, path, (await readdir(join(tree, path)))[0]!) : join(tree, path)
  await writeFile(file, spoil(await readFile(file)))
  const far = await stores.storage(storagePairs[0]!)
  const target = await stores.serve(far)
  await expect(importRegistry(far, tree, { name: 'acme', root })).rejects.toThrow()
  expect((await fetch(`${target.url}/mirror/acme/index/@acme/redact.ndjson`)).status).toBe(404)
})

test('an import takes no scope that the registry has itself, and no other keys', { timeout: 60_000 }, async () => {
  const { storage, root, tree } = await served()
  await exportRegistry(storage, tree)
  await expect(importRegistry(storage, tree, { name: 'acme', root })).rejects.toThrow(
    'the registry has a scope of that name itself',
  )
  const far = await stores.storage(storagePairs[0]!)
  await stores.serve(far)
  await expect(importRegistry(far, tree, { name: 'acme', root: `sha256:${'0'.repeat(64)}` })).rejects.toThrow(
    'found fingerprint',
  )
})
