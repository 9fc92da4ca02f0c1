import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { indexHead, indexLine, searchAnswer } from '@ingot/manifest'
import { openStorage } from '@ingot/registry-server'
import { testModule } from '@ingot/registry-server/testing'
import { integrity } from '@ingot/trust'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requireServer } from '../servers/index.ts'
import { servers } from '../servers/debian.ts'
import { inclusionPath, leafHash, treeHash } from './merkle-tree.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

async function indexOf({ url }: ServedRegistry, module = '@acme/redact') {
  const [head, ...lines] = (await (await fetch(`${url}/index/${module}.ndjson`)).text()).trim().split('\n')
  expect(indexHead.parse(JSON.parse(head!)).name).toBe(module)
  return lines.map((line) => indexLine.parse(JSON.parse(line)))
}

describe.each(storagePairs)('storage in $database and $blobs', { timeout: 60_000 }, (pair) => {
  beforeEach((context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
  })

  test('gives back what was published, also after it was closed and opened again', async () => {
    const storage = await stores.storage(pair)
    const first = await stores.serve(storage)
    const module = testModule()
    const bundle = await (await first.publish(module)).text()
    const index = await (await fetch(`${first.url}/index/@acme/redact.ndjson`)).text()
    await first.close()

    const second = await stores.serve(storage)
    expect(await (await fetch(`${second.url}/index/@acme/redact.ndjson`)).text()).toBe(index)
    expect(await (await fetch(`${second.url}/m/@acme/redact/1.0.0/bundle.json`)).text()).toBe(bundle)
    const blob = await fetch(`${second.url}/blobs/sha512/${createHash('sha512').update(module.archive).digest('hex')}`)
    expect(Buffer.from(await blob.arrayBuffer()).equals(module.archive)).toBe(true)
    const { manifest, files } = (await second.registry.meta.versions.find('@acme/redact', '1.0.0'))!
    expect(manifest).toEqual(module.manifest)
    expect(files.map(({ path }) => path)).toEqual(['README.md', 'components/pii.mjs', 'module.json'])
  })

  test('lets one of many writers of a version win', async () => {
    const served = await stores.serve(await stores.storage(pair))
    const modules = Array.from({ length: 20 }, (_, index) => testModule({ code: `export default ${index}` }))
    const statuses = await Promise.all(modules.map(async (module) => (await served.publish(module)).status))
    expect(statuses.sort((a, b) => a - b)).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
    const [line, ...others] = await indexOf(served)
    expect(others).toEqual([])
    expect(modules.map(({ archive }) => integrity('sha512', archive))).toContain(line!.integrity)
  })

  test('gives concurrent versions one place each in the log, without gaps, and proves it', async () => {
    const storage = await stores.storage(pair)
    const replicas = [await stores.serve(storage), await stores.serve(storage)]
    const versions = Array.from({ length: 24 }, (_, index) => `1.${index}.0`)
    const bundles = await Promise.all(
      versions.map(async (version, index) => {
        const published = await replicas[index % 2]!.publish(testModule({ version }))
        expect(published.status).toBe(201)
        return (await published.json()) as { inclusion: { index: number; proof: string[]; checkpoint: string } }
      }),
    )
    const { log } = replicas[0]!.registry.meta
    const leaves = (await log.events(0, 100)).map(({ leaf }) => leafHash(Buffer.from(leaf)))
    expect(bundles.map(({ inclusion }) => inclusion.index).sort((a, b) => a - b)).toEqual(versions.map((_, at) => at))
    for (const { inclusion } of bundles) {
      const before = leaves.slice(0, inclusion.index + 1)
      const [, size, root] = inclusion.checkpoint.split('\n')
      expect([size, root]).toEqual([`${before.length}`, treeHash(before).toString('base64')])
      const path = inclusionPath(inclusion.index, before).map((hash) => hash.toString('base64'))
      expect(inclusion.proof).toEqual(path)
    }
    expect((await indexOf(replicas[1]!)).map(({ log: place }) => place)).toEqual(versions.map((_, at) => at))
  })

  test('leaves no trace of a transaction that fails', async () => {
    const { registry, publish } = await stores.serve(await stores.storage(pair))
    await publish(testModule())
    const { log } = registry.meta
    const failing = log.write(async (transaction) => {
      const subject = '@acme/redact@1.0.0'
      await log.append(transaction, { type: 'yank', subject, module: '@acme/redact', at: '2026-01-01', leaf: '{}' })
      throw new Error('the disk is full')
    })
    await expect(failing).rejects.toThrow('the disk is full')
    expect(await log.size()).toBe(1)
    expect(await log.lastOf('@acme/redact')).toBe(0)
    expect((await publish(testModule({ version: '1.0.1' }))).status).toBe(201)
  })

  test('finds modules by the beginnings of words, the best first, and none by what is not a word', async () => {
    const served = await stores.serve(await stores.storage(pair))
    await served.publish(testModule({ readme: 'Understands IBAN, café and geography too' }))
    await served.publish(testModule({ name: '@acme/geo', description: "Adds places; it's quick." }))
    await served.publish(testModule({ name: '@acme/geo-old', description: 'Adds nothing.' }))
    const find = async (q: string): Promise<string[]> => {
      const response = await fetch(`${served.url}/api/v1/search?q=${encodeURIComponent(q)}`)
      const answer = searchAnswer.parse(await response.json())
      expect(answer.total).toBe(answer.items.length)
      return answer.items.map(({ name }) => name)
    }
    expect(await find('')).toEqual(['@acme/geo-old', '@acme/geo', '@acme/redact'])
    expect(await find('plac')).toEqual(['@acme/geo'])
    expect((await find('geo')).at(-1)).toBe('@acme/redact')
    expect(await find('acme card')).toEqual(['@acme/redact'])
    expect(await find('CAFÉ iban')).toEqual(['@acme/redact'])
    expect(await find('" OR * NEAR( ! & \' \\ :')).toEqual([])
    expect(await served.registry.meta.outbox.depth()).toBe(0)
  })

  test('does what is to be done about an event once, and again only when it has failed', async () => {
    const storage = await stores.storage(pair)
    const { registry, publish, close } = await stores.serve(storage)
    await publish(testModule())
    await close()
    const [one, other] = [await openStorage(storage), await openStorage(storage)]
    const { outbox, log } = one.meta
    await log.write(async (transaction) => {
      await transaction
        .insertInto('outbox')
        .values({ topic: 'search', log_index: 0, attempts: 0, due_at: '' })
        .execute()
    })
    expect(registry.url).toBe('http://registry.test')
    const fail = () => Promise.reject(new Error('not now'))
    expect(await outbox.runNext(new Date(), fail)).toBe(true)
    expect(await outbox.runNext(new Date(), fail)).toBe(false)
    const later = new Date(Date.now() + 60_000)
    let runs = 0
    const count = async (): Promise<void> => void runs++
    await Promise.all([one, other, one, other].map(({ meta }) => meta.outbox.runNext(later, count)))
    expect([runs, await outbox.depth()]).toEqual([1, 0])
    await Promise.all([one.close(), other.close()])
  })

  test('keeps a blob that comes again, and sweeps none that is young', async () => {
    const { blobs, close } = await openStorage(await stores.storage(pair))
    const keep = async (): Promise<void> => {
      const staged = blobs.stage()
      await writeFile(staged.path, 'bytes')
      await blobs.keep(staged, 'ab'.repeat(64))
      await staged.discard()
    }
    await keep()
    await keep()
    expect(await blobs.sweep(async () => false)).toBe(0)
    const found = (await blobs.read('ab'.repeat(64)))!
    expect([found.sizeBytes, await text(found.content)]).toEqual([5, 'bytes'])
    expect(await blobs.read('cd'.repeat(64))).toBeUndefined()
    await close()
  })

  test('is opened by several at once, and not by one that is older than it', async () => {
    const storage = await stores.storage(pair)
    const opened = await Promise.all([openStorage(storage), openStorage(storage), openStorage(storage)])
    await opened[0].meta.database.write(async (transaction) => {
      await transaction.insertInto('migrations').values({ name: '9999-later.sql', applied_at: '' }).execute()
    })
    for (const { close } of opened) await close()
    await expect(openStorage(storage)).rejects.toThrow('found the migration "9999-later.sql"')
  })
})
