import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addModule, ModuleCache, resolveImports } from '@ingot/loader'
import {
  createServer,
  createToken,
  installRoot,
  newestRoot,
  openRegistry,
  proposeChange,
  signProposal,
  type KeyChange,
} from '@ingot/registry-server'
import { publishTo, testModule } from '@ingot/registry-server/testing'
import type { Lockfile } from '@ingot/manifest'
import { generateSigningKey, parseSigningKey, rootFingerprint, type SigningKey } from '@ingot/trust'
import { expect, onTestFinished, test } from 'vitest'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-keys-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A registry that is served, stopped, changed and served again; each time from another port, and so from another address. */
async function movingRegistry() {
  const dataDir = await temporaryFolder()
  let stop = async (): Promise<void> => undefined
  const serve = async () => {
    await stop()
    const registry = await openRegistry({ dataDir, url: 'https://first.example' })
    const app = createServer(registry)
    await app.listen({ host: '127.0.0.1', port: 0 })
    let running = true
    stop = async () => {
      if (!running) return
      running = false
      await app.close()
      await registry.close()
    }
    const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '*' })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const publish = async (version: string) => (await publishTo(url, token, testModule({ version }))).status
    return { url, publish, root: rootFingerprint(registry.keys.root), keys: registry.keys }
  }
  onTestFinished(() => stop())
  const change = async (wanted: KeyChange, keys: readonly SigningKey[]) => {
    const { envelope, missing } = await proposeChange({ dataDir }, wanted, keys, new Date())
    if (missing.length === 0) await installRoot({ dataDir }, envelope)
    return { envelope, missing }
  }
  const rootKey = async () => parseSigningKey(await readFile(join(dataDir, 'keys/root.pem'), 'utf8'))
  return { dataDir, serve, stop: () => stop(), change, rootKey }
}

const request = { file: 'main.alloy', namespace: 'redact', module: '@acme/redact' }

async function user() {
  const cache = new ModuleCache(await temporaryFolder())
  const registryAt = (url: string, root: string) => [
    {
      name: 'acme',
      url,
      scopes: ['@acme'],
      root,
      policy: { minReleaseAgeMs: 0, allowTrustDowngrade: false, allowFloating: false, overrides: [] },
    },
  ]
  const add = async (url: string, root: string, lock?: Lockfile) =>
    (await addModule({ ...request, registries: registryAt(url, root), lock, cache })).lock
  const start = (url: string, root: string, lock: Lockfile, from = cache) =>
    resolveImports({
      imports: [{ ...request, version: '^1.0.0' }],
      registries: registryAt(url, root),
      lock,
      cache: from,
    })
  return { add, start, pinned: (lock: Lockfile) => Object.keys(lock.modules) }
}

test('a registry moves to another address with everything that is known of it', async () => {
  const { serve } = await movingRegistry()
  const { add, pinned } = await user()
  const first = await serve()
  expect(await first.publish('1.0.0')).toBe(201)
  const lock = await add(first.url, first.root)
  expect(lock.registries['acme']).toMatchObject({ logOrigin: 'first.example/log', checkpoint: { size: 1 } })
  const second = await serve()
  expect(second.url).not.toBe(first.url)
  expect(await second.publish('1.1.0')).toBe(201)
  const moved = await add(second.url, second.root, lock)
  expect(pinned(moved)).toEqual(['@acme/redact@1.1.0'])
  expect(moved.registries['acme']).toMatchObject({
    url: second.url,
    logOrigin: 'first.example/log',
    checkpoint: { size: 2 },
  })
})

test('keys are rotated and revoked with a root key that is not on the server, and clients follow', async () => {
  const { dataDir, serve, stop, change, rootKey } = await movingRegistry()
  const { add, start, pinned } = await user()
  let server = await serve()
  const { root } = server
  await server.publish('1.0.0')
  const lock = await add(server.url, root)
  const offline = await rootKey()
  await rename(join(dataDir, 'keys/root.pem'), join(await temporaryFolder(), 'root.pem'))

  const refused = await change({ kind: 'rotate', role: 'publish', overlapMs: 0 }, [generateSigningKey()])
  expect(refused.missing).toEqual(['1 of the root keys of version 1', '1 of the root keys of version 2'])
  await stop()
  expect((await change({ kind: 'rotate', role: 'publish', overlapMs: 0 }, [offline])).missing).toEqual([])
  const before = server.keys.publish.publicKey.keyId
  server = await serve()
  expect(server.keys.publish.publicKey.keyId).not.toBe(before)
  expect(server.root).toBe(root)
  expect(await server.publish('1.1.0')).toBe(201)
  const second = await add(server.url, root, lock)
  expect(pinned(second)).toEqual(['@acme/redact@1.1.0'])

  const stolen = server.keys.publish.publicKey.keyId
  await stop()
  await change({ kind: 'revoke', keyId: stolen, reason: 'its disk was copied' }, [offline])
  const revoked = await newestRoot(dataDir)
  // Two versions and the event of the rotation stand in the log.
  expect(revoked.keys[stolen]!.revoked).toEqual({ logSize: 3, reason: 'its disk was copied' })
  server = await serve()
  expect(await server.publish('1.2.0')).toBe(201)
  // What the stolen key has signed before stands; what is new is signed with another one.
  expect(pinned(await add(server.url, root, second))).toEqual(['@acme/redact@1.2.0'])
  expect(
    (
      await start(
        server.url,
        root,
        { ...second, registries: { acme: { ...second.registries['acme']!, url: server.url } } },
        new ModuleCache(await temporaryFolder()),
      )
    ).size,
  ).toBe(1)
  const events = (await (await fetch(`${server.url}/api/v1/events?after=0`)).json()) as {
    events: { type: string; subject: string }[]
  }
  expect(events.events.filter(({ type }) => type === 'key').map(({ subject }) => subject)).toEqual(['root@2', 'root@3'])
})

test('of three root keys, two of which sign, one may be lost; expired documents stop new choices alone', async () => {
  const { serve, stop, dataDir, change, rootKey } = await movingRegistry()
  const { add, start, pinned } = await user()
  let server = await serve()
  await server.publish('1.0.0')
  await stop()
  const keys = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
  const roots: KeyChange = { kind: 'roots', keys: keys.map(({ publicKey }) => publicKey), threshold: 2 }
  await change(roots, [await rootKey(), keys[0]!, keys[1]!])
  server = await serve()
  // Who names the first fingerprint is led to the new keys, and so is who names the new one.
  const { root } = server
  const lock = await add(server.url, root)
  await stop()

  // The first key signs, the document travels, the third one signs; the second one is lost.
  const expire: KeyChange = { kind: 'expire', at: new Date(Date.now() - 1000) }
  const half = await change(expire, [keys[0]!])
  expect(half.missing).toEqual(['1 of the root keys of version 2', '1 of the root keys of version 3'])
  await expect(installRoot({ dataDir }, half.envelope)).rejects.toThrow('it lacks signatures of 1 of the root keys')
  const whole = await signProposal(dataDir, half.envelope, [keys[2]!])
  expect(whole.missing).toEqual([])
  await installRoot({ dataDir }, whole.envelope)
  await installRoot({ dataDir }, whole.envelope)
  server = await serve()
  await server.publish('1.1.0')
  await expect(add(server.url, root, lock)).rejects.toThrow('version 3 of them expired')
  const moved = { ...lock, registries: { acme: { ...lock.registries['acme']!, url: server.url } } }
  expect((await start(server.url, root, moved)).size).toBe(1)
  await stop()
  await change({ kind: 'expire', at: new Date(Date.now() + 86_400_000) }, [keys[0]!, keys[2]!])
  server = await serve()
  expect(pinned(await add(server.url, root, lock))).toEqual(['@acme/redact@1.1.0'])
  await expect(
    change({ kind: 'revoke', keyId: keys[1]!.publicKey.keyId, reason: 'lost' }, [keys[0]!, keys[2]!]),
  ).resolves.toMatchObject({ missing: [] })
  await expect(change({ kind: 'revoke', keyId: keys[2]!.publicKey.keyId, reason: 'lost' }, [keys[0]!])).rejects.toThrow(
    'name other root keys',
  )
})
