import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backupRegistry, checkRegistry, openStorage, restoreRegistry } from '@ingot/registry-server'
import { operatorToken, publishTo, signIn, testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

const pair = storagePairs[0]!
const secret = testModule({ version: '1.0.0', code: 'export default "a secret"' })
const held = testModule({ version: '1.1.0' })
const digestOf = (archive: Uint8Array): string => createHash('sha512').update(archive).digest('hex')

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-backup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.status
}

async function stageHeld({ registry, url }: ServedRegistry): Promise<string> {
  const response = await publishTo(url, '', held, await operatorToken(registry, ['publish']), '?stage=1')
  expect(response.status).toBe(202)
  return ((await response.json()) as { stageId: string }).stageId
}

async function tombstone({ registry, url }: ServedRegistry): Promise<void> {
  const path = `${url}/api/v1/modules/@acme/redact/versions/1.0.0/tombstone`
  for (const [name, status] of [
    ['sam', 202],
    ['kim', 200],
  ] as const) {
    expect(await post(path, await signIn(registry, { name, staff: true }), { reason: 'a secret' })).toBe(status)
  }
}

test('a stage that waits is in a backup with its bytes, and is approved where it is restored', async () => {
  const [storage, folder, target] = [await stores.storage(pair), await temporaryFolder(), await stores.storage(pair)]
  const old = await stores.serve(storage)
  await old.publish(secret)
  const stageId = await stageHeld(old)
  expect(await backupRegistry(storage, folder)).toMatchObject({ blobs: 2, blobsCopied: 2 })
  expect(await restoreRegistry(target, folder)).toMatchObject({ blobs: 2 })
  expect(await checkRegistry(target)).toMatchObject({ versions: 1, blobs: 2, problems: [] })

  const { registry, url } = await stores.serve(target)
  const ann = await signIn(registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const approve = `${url}/api/v1/modules/@acme/redact/stages/${stageId}/approve`
  expect(await post(approve, ann, { sha512: digestOf(held.archive) })).toBe(201)
  expect((await fetch(`${url}/blobs/sha512/${digestOf(held.archive)}`)).status).toBe(200)

  const { blobs, close } = await openStorage(storage)
  await blobs.erase(digestOf(held.archive))
  await close()
  expect((await checkRegistry(storage)).problems).toEqual([`the blob ${digestOf(held.archive)} is missing`])
})

test('no restore brings back the bytes of a tombstoned version, whatever lies in the folder', async () => {
  const [storage, folder, target] = [await stores.storage(pair), await temporaryFolder(), await stores.storage(pair)]
  const old = await stores.serve(storage)
  for (const module of [secret, testModule({ version: '2.0.0' })]) await old.publish(module)
  expect(await backupRegistry(storage, folder)).toMatchObject({ blobs: 2 })
  await tombstone(old)
  expect(await backupRegistry(storage, folder)).toMatchObject({ blobs: 1, blobsCopied: 0 })
  const stored = join(folder, 'blobs/sha512')
  expect(await readdir(stored)).not.toContain(digestOf(secret.archive))

  // As one lies there that was made before backups took it away.
  await writeFile(join(stored, digestOf(secret.archive)), secret.archive)
  expect(await restoreRegistry(target, folder)).toMatchObject({ blobs: 1 })
  expect(await checkRegistry(target)).toMatchObject({ versions: 2, blobs: 1, problems: [] })
  const { blobs, close } = await openStorage(target)
  expect(await blobs.read(digestOf(secret.archive))).toBeUndefined()

  const staged = blobs.stage()
  await writeFile(staged.path, secret.archive)
  await blobs.keep(staged, digestOf(secret.archive))
  await close()
  expect((await checkRegistry(target)).problems).toEqual([
    `the blob ${digestOf(secret.archive)} of a tombstoned version is still there`,
  ])
})

test('a restore refuses a backup that lacks the bytes of a version', async () => {
  const [storage, folder, target] = [await stores.storage(pair), await temporaryFolder(), await stores.storage(pair)]
  await (await stores.serve(storage)).publish(secret)
  await backupRegistry(storage, folder)
  await rm(join(folder, 'blobs/sha512', digestOf(secret.archive)))
  await expect(restoreRegistry(target, folder)).rejects.toThrow('the backup does not have it')
})
