import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { testModule } from '@ingot/registry-server/testing'
import { rootFingerprint } from '@ingot/trust'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { distributionUser } from './distribution-user.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

type Answer = (request: IncomingMessage, response: ServerResponse, pass: () => Promise<void>) => unknown

/** An upstream that answers as it should, until it is told to do otherwise; and a registry that mirrors it. */
async function mirrored({ minAgeMs = 0, scopes = ['@acme'] } = {}) {
  const upstreamStorage = await stores.storage(storagePairs[0]!)
  const upstream = await stores.serve(upstreamStorage)
  await upstream.publish(testModule({ version: '1.0.0' }))
  let answer: Answer = (_request, _response, pass) => pass()
  const requests: string[] = []
  const proxy = createServer((request, response) => {
    requests.push(request.url!)
    const pass = async () => {
      const found = await fetch(`${upstream.url}${request.url!}`)
      response.writeHead(found.status).end(Buffer.from(await found.arrayBuffer()))
    }
    void answer(request, response, pass)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void (proxy.closeAllConnections(), proxy.close()))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const root = rootFingerprint(upstream.registry.keys.root)
  const storage = await stores.storage(storagePairs[0]!)
  const local = await stores.serve(storage)
  await local.registry.meta.upstreams.put({ name: 'up', url, root, scopes, minAgeMs })
  /** A server that starts anew has nothing in memory: what it serves comes from its folder. */
  const restart = async () => {
    await local.close()
    return `${(await stores.serve(storage)).url}/mirror/up`
  }
  const mirror = `${local.url}/mirror/up`
  return {
    upstream,
    upstreamStorage,
    local,
    mirror,
    root,
    requests,
    storage,
    restart,
    becomes: (next: Answer) => void (answer = next),
    user: await distributionUser(root),
  }
}

const code = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
]

describe('a mirror', { timeout: 60_000 }, () => {
  test('is the registry that it mirrors: its bytes, its signatures, its keys', async () => {
    const { upstream, mirror, user, requests } = await mirrored()
    const { lock, version } = await user.add(mirror)
    expect([version, lock.registries['acme']!.url]).toEqual(['1.0.0', mirror])
    expect((await user.start(mirror, lock)).size).toBe(1)
    for (const path of [
      '/index/@acme/redact.ndjson',
      '/m/@acme/redact/1.0.0/bundle.json',
      '/keys/root.json',
      '/log/checkpoint',
      '/log/tile/0/000.p/1',
      '/log/tile/entries/000.p/1',
      '/m/@acme/redact/1.0.0/manifest.json',
    ]) {
      const [live, copy] = await Promise.all([fetch(`${upstream.url}${path}`), fetch(`${mirror}${path}`)])
      expect([path, copy.status, await copy.text()]).toEqual([path, 200, await live.text()])
    }
    // What is kept is not asked for again.
    requests.length = 0
    await user.start(mirror, lock)
    expect(requests.filter((path) => path.startsWith('/blobs') || path.startsWith('/m/'))).toEqual([])
  })

  test.each<[string, Answer]>([
    ['is down', (request) => request.destroy()],
    ['fails', (_request, response) => response.writeHead(500).end('no')],
    [
      'cuts its answers short',
      (_request, response, pass) => {
        const { end } = response
        response.end = ((bytes: Buffer) => end.call(response, bytes.subarray(0, bytes.length / 2), 'binary')) as never
        return pass()
      },
    ],
    ['sends something else', (_request, response) => response.end('{"hello":1}')],
  ])('serves what it has verified when its upstream %s', async (_, answer) => {
    const { mirror, user, becomes, restart } = await mirrored()
    const { lock } = await user.add(mirror)
    becomes(answer)
    const anew = await restart()
    expect((await user.start(anew, lock)).size).toBe(1)
    expect((await user.add(anew, lock)).version).toBe('1.0.0')
    expect((await fetch(`${anew}/index/@acme/unknown.ndjson`)).status).not.toBe(200)
  })

  test('asks an upstream that fails no more for a while, and says so to whoever wants what is not kept', async () => {
    const { local, mirror, becomes, requests } = await mirrored()
    becomes((request) => request.destroy())
    for (let attempt = 0; attempt < 5; attempt++) {
      const answer = await fetch(`${mirror}/index/@acme/redact.ndjson`)
      expect(await code(answer)).toEqual([503, 'upstream_down'])
    }
    expect(requests.length).toBeLessThanOrEqual(3)
    expect((await fetch(`${local.url}/.well-known/ingot.json`)).status).toBe(200)
  })

  test('keeps to the history that it has verified when its upstream shows another one', async () => {
    const { upstreamStorage, mirror, user, becomes, restart } = await mirrored()
    const { lock } = await user.add(mirror)
    // The same keys sign another history.
    const other = await stores.storage(storagePairs[0]!)
    const first = await stores.serve(other)
    await first.close()
    const ofAccounts = join(other.dataDir, 'keys', 'accounts.key')
    await cp(join(upstreamStorage.dataDir, 'keys'), join(other.dataDir, 'keys'), {
      recursive: true,
      // What seals the secrets of accounts is the database's, not the registry's.
      filter: (_, to) => to !== ofAccounts,
    })
    const equivocating = await stores.serve(other)
    for (const version of ['1.0.0', '6.6.6']) await equivocating.publish(testModule({ version, code: 'other' }))
    becomes(async (request, response) => {
      const found = await fetch(`${equivocating.url}${request.url!}`)
      response.writeHead(found.status).end(Buffer.from(await found.arrayBuffer()))
    })
    const anew = await restart()
    expect(await (await fetch(`${anew}/index/@acme/redact.ndjson`)).text()).not.toContain('6.6.6')
    expect((await user.start(anew, lock)).size).toBe(1)
  })

  test('passes on no scope that is its own, and none that does not come from there', async () => {
    const { upstream, local, mirror } = await mirrored({ scopes: ['@acme', '@own'] })
    await upstream.publish(testModule({ name: '@own/redact', code: 'poison' }))
    await upstream.publish(testModule({ name: '@else/redact', code: 'else' }))
    const digest = async (name: string) => {
      const text = await (await fetch(`${upstream.url}/index/${name}.ndjson`)).text()
      const { integrity } = JSON.parse(text.split('\n')[1]!) as { integrity: string }
      return Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
    }
    const digests = { own: await digest('@own/redact'), other: await digest('@else/redact') }
    await local.publish(testModule({ name: '@own/redact', code: 'ours' }))
    for (const path of [
      'index/@own/redact.ndjson',
      'm/@own/redact/1.0.0/bundle.json',
      `blobs/sha512/${digests.own}`,
      'index/@else/redact.ndjson',
      `blobs/sha512/${digests.other}`,
    ]) {
      expect([path, (await fetch(`${mirror}/${path}`)).status]).toEqual([path, 404])
    }
    expect(await (await fetch(`${local.url}/index/@own/redact.ndjson`)).text()).not.toContain(digests.own)
  })

  test('holds back what is too young, in its choice and by its bytes', async () => {
    const { mirror, user, upstream } = await mirrored({ minAgeMs: 3_600_000 })
    await expect(user.add(mirror)).rejects.toThrow(
      '1.0.0 (held back by the mirror: published 0 h ago, and this mirror wants 1 h)',
    )
    expect(await code(await fetch(`${mirror}/m/@acme/redact/1.0.0/bundle.json`))).toEqual([403, 'held'])
    const text = await (await fetch(`${upstream.url}/index/@acme/redact.ndjson`)).text()
    const { integrity } = JSON.parse(text.split('\n')[1]!) as { integrity: string }
    const hex = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
    expect(await code(await fetch(`${mirror}/blobs/sha512/${hex}`))).toEqual([403, 'held'])
  })

  test('is not led out of its folder', async () => {
    const { storage, mirror } = await mirrored()
    await writeFile(join(storage.dataDir, 'mirrors', 'secret'), 'x').catch(() => undefined)
    for (const path of [
      '..%2fsecret',
      '%2e%2e/secret',
      'index/..%2f..%2fsecret.ndjson',
      '.memory.json',
      'blobs/sha512/..',
    ])
      expect((await fetch(`${mirror}/${path}`)).status).toBe(404)
    expect(await readFile(join(storage.dataDir, 'keys/root.pem'), 'utf8')).toContain('PRIVATE')
  })
})
