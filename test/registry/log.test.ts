import { createHash } from 'node:crypto'
import { projectIndex, type LogLeaf } from '@ingot/registry-server'
import { testModule } from '@ingot/registry-server/testing'
import { dsseEnvelope, roleKeys, verifyEnvelope, type RootDocument } from '@ingot/trust'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { consistencyPath, inclusionPath, leafHash, treeHash } from './merkle-tree.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

const base64 = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('base64'))

interface ProofAnswer {
  readonly size: number
  readonly root: string
  readonly proof: readonly string[]
}

/** Leaves that stand for themselves, all in one transaction. */
async function appendLeaves({ registry }: ServedRegistry, count: number): Promise<Buffer[]> {
  const { log } = registry.meta
  const texts = Array.from({ length: count }, (_, index) => JSON.stringify({ index }))
  await log.write(async (transaction) => {
    for (const leaf of texts) {
      await log.append(transaction, { type: 'policy', subject: '@acme', module: null, at: '2026-01-01', leaf })
    }
  })
  return texts.map((text) => Buffer.from(text))
}

async function bytesOf(url: string): Promise<Buffer> {
  const response = await fetch(url)
  expect([url, response.status]).toEqual([url, 200])
  return Buffer.from(await response.arrayBuffer())
}

function splitEntries(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at)
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return entries
}

/** A checkpoint whose signature is that of the log's key in the root document. */
function openCheckpoint(text: string, root: RootDocument): { readonly size: number; readonly root: string } {
  const [body, line] = text.split('\n\n') as [string, string]
  const [origin, size, hash] = body.split('\n') as [string, string, string]
  const [, name, signature] = /^— (\S+) (\S+)\n$/.exec(line)!
  expect([origin, name]).toEqual(['registry.test/log', 'registry.test/log'])
  const [key] = roleKeys(root, 'log')
  const bytes = Buffer.from(signature!, 'base64')
  const raw = Buffer.from(key!.spki, 'base64').subarray(-32)
  const hint = createHash('sha256').update(`${name}\n\u0001`).update(raw).digest().subarray(0, 4)
  expect(bytes.subarray(0, 4).equals(hint)).toBe(true)
  expect(key!.verify(Buffer.from(`${body}\n`), bytes.subarray(4))).toBe(true)
  return { size: Number(size), root: hash }
}

describe.each([storagePairs[0]!, storagePairs[2]!])('the log in $database', { timeout: 60_000 }, (pair) => {
  beforeEach((context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
  })

  test('is empty before the first event', async () => {
    const { url, registry } = await stores.serve(await stores.storage(pair))
    const checkpoint = openCheckpoint(await (await fetch(`${url}/log/checkpoint`)).text(), registry.keys.root)
    expect(checkpoint).toEqual({ size: 0, root: treeHash([]).toString('base64') })
    expect((await fetch(`${url}/log/tile/0/000.p/1`)).status).toBe(404)
    expect((await fetch(`${url}/api/v1/log/proof?leaf=0`)).status).toBe(400)
    expect(await (await fetch(`${url}/api/v1/events`)).json()).toEqual({ events: [], next: 0 })
  })

  test('serves tiles and proofs as RFC 6962 and tlog-tiles have them', async () => {
    const served = await stores.serve(await stores.storage(pair))
    const { url, registry } = served
    const entries = await appendLeaves(served, 530)
    const leaves = entries.map(leafHash)
    const checkpoint = openCheckpoint(await (await fetch(`${url}/log/checkpoint`)).text(), registry.keys.root)
    expect(checkpoint).toEqual({ size: 530, root: treeHash(leaves).toString('base64') })

    expect((await bytesOf(`${url}/log/tile/0/001`)).equals(Buffer.concat(leaves.slice(256, 512)))).toBe(true)
    expect((await bytesOf(`${url}/log/tile/0/002.p/18`)).equals(Buffer.concat(leaves.slice(512)))).toBe(true)
    expect((await bytesOf(`${url}/log/tile/0/002.p/7`)).equals(Buffer.concat(leaves.slice(512, 519)))).toBe(true)
    const above = [treeHash(leaves.slice(0, 256)), treeHash(leaves.slice(256, 512))]
    expect((await bytesOf(`${url}/log/tile/1/000.p/2`)).equals(Buffer.concat(above))).toBe(true)
    expect(splitEntries(await bytesOf(`${url}/log/tile/entries/002.p/18`))).toEqual(entries.slice(512))
    for (const path of [
      '0/002',
      '0/002.p/19',
      '0/003',
      '1/000',
      '2/000.p/1',
      'entries/000.p/256',
      '00/000',
      '0/x000/001',
    ]) {
      expect([path, (await fetch(`${url}/log/tile/${path}`)).status]).toEqual([path, 404])
    }

    const prove = async (query: string): Promise<ProofAnswer> =>
      (await (await fetch(`${url}/api/v1/log/proof?${query}`)).json()) as ProofAnswer
    for (const [leaf, size] of [
      [0, 1],
      [0, 530],
      [255, 256],
      [256, 257],
      [300, 511],
      [529, 530],
    ] as const) {
      expect(await prove(`leaf=${leaf}&size=${size}`)).toMatchObject({
        root: treeHash(leaves.slice(0, size)).toString('base64'),
        proof: base64(inclusionPath(leaf, leaves.slice(0, size))),
      })
    }
    for (const [from, to] of [
      [1, 530],
      [256, 530],
      [257, 300],
      [511, 512],
      [530, 530],
    ] as const) {
      const { proof } = await prove(`from=${from}&to=${to}`)
      expect(proof).toEqual(base64(consistencyPath(from, leaves.slice(0, to))))
    }
    for (const query of ['leaf=530', 'leaf=0&size=531', 'from=2&to=1', 'from=0', 'leaf=x', '']) {
      expect([query, (await fetch(`${url}/api/v1/log/proof?${query}`)).status]).toEqual([query, 400])
    }
  })

  test('tells every index, byte for byte, every statement and every event', async () => {
    const { url, registry, publish } = await stores.serve(await stores.storage(pair))
    const capabilities = { 'http.request': [{ why: 'Asks for names.', values: ['names.example:443'] }] }
    const modules = ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1'].flatMap((version, index) =>
      ['@acme/redact', '@acme/geo'].map((name) =>
        testModule({ name, version, ...(index === 1 ? { component: { capabilities } } : {}) }),
      ),
    )
    for (const module of modules) expect((await publish(module)).status).toBe(201)

    const entries = splitEntries(await bytesOf(`${url}/log/tile/entries/000.p/${modules.length}`))
    const { events } = (await (await fetch(`${url}/api/v1/events?after=0`)).json()) as {
      events: { seq: number; type: string; subject: string }[]
    }
    expect(events.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1))
    const byModule = Map.groupBy(
      entries.map((entry, index): LogLeaf & { module: string } => {
        const { subject, predicateType } = JSON.parse(entry.toString()) as {
          subject: [{ name: string }]
          predicateType: string
        }
        const [{ name }] = subject
        const { type } = events[index]!
        expect([predicateType, name]).toEqual([`urn:ingot:${type}:v1`, `ingot:${events[index]!.subject}`])
        return { index, type, leaf: entry.toString(), module: name.slice('ingot:'.length, name.lastIndexOf('@')) }
      }),
      ({ module }) => module,
    )
    expect([...byModule.keys()]).toEqual(['@acme/redact', '@acme/geo'])
    for (const [module, leaves] of byModule) {
      const index = await (await fetch(`${url}/index/${module}.ndjson`)).text()
      expect(projectIndex(module, leaves)).toBe(index)
      await expectSigned(url, module, index, registry.keys.root)
    }
    for (const [index, { manifest }] of modules.entries()) {
      const bundle = (await (await fetch(`${url}/m/${manifest.name}/${manifest.version}/bundle.json`)).json()) as {
        statement: { payload: string }
        inclusion: { index: number; proof: string[]; checkpoint: string }
      }
      expect(Buffer.from(bundle.statement.payload, 'base64').equals(entries[index]!)).toBe(true)
      const before = entries.slice(0, index + 1).map(leafHash)
      expect(openCheckpoint(bundle.inclusion.checkpoint, registry.keys.root)).toEqual({
        size: index + 1,
        root: treeHash(before).toString('base64'),
      })
      expect(bundle.inclusion).toMatchObject({ index, proof: base64(inclusionPath(index, before)) })
    }
  })
})

async function expectSigned(url: string, module: string, index: string, root: RootDocument): Promise<void> {
  const envelope = dsseEnvelope.parse(await (await fetch(`${url}/index/${module}.sig`)).json())
  const { payload } = verifyEnvelope(envelope, 'application/vnd.ingot.index+json', roleKeys(root, 'index'))
  const statement = JSON.parse(Buffer.from(payload).toString()) as Record<string, string>
  expect(statement).toMatchObject({
    path: `/index/${module}.ndjson`,
    sha256: createHash('sha256').update(index).digest('hex'),
    size: Buffer.byteLength(index),
    logSize: (JSON.parse(index.split('\n')[0]!) as { logSize: number }).logSize,
  })
  expect(Date.parse(statement['expiresAt']!) - Date.parse(statement['issuedAt']!)).toBe(24 * 3_600_000)
}
