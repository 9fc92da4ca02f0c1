import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lockfile } from '@ingot/manifest'
import { generateSigningKey, rootFingerprint, type RootDocument, type SigningKey } from '@ingot/trust'
import { MemoryLog } from '@ingot/trust/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ModuleCache } from '../cache/module-cache.ts'
import { addModule } from '../lock/add-module.ts'
import { formatLock, parseLock } from '../lock/lock-file.ts'
import { resolveImports } from '../lock/resolve-imports.ts'
import { packedGreeter } from '../testing/packed-greeter.ts'
import { keyEntry, registryFolder, type RegistryFolder } from '../testing/registry-folder.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'

const request = { file: 'main.alloy', namespace: 'greeter', module: '@acme/greeter', version: '^1.0.0' }
const [first, second, third] = await Promise.all(['1.0.0', '1.1.0', '1.2.0'].map(packedGreeter))

/** A registry behind a real HTTP server, and a user of it who has pinned its first version. */
async function setup() {
  const folder = await registryFolder()
  await folder.publish(first!)
  const served = await folder.serve()
  const cache = new ModuleCache(await temporaryDir())
  const registry = { name: 'acme', url: served.url, scopes: ['@acme'], root: folder.root }
  const add = async (over: { lock?: Lockfile | undefined; cache?: ModuleCache; root?: string } = {}) => {
    const registries = [{ ...registry, root: over.root ?? folder.root }]
    const added = await addModule({ ...request, registries, lock: undefined, cache, ...over })
    return parseLock(formatLock(added.lock), 'ingot.lock')
  }
  const lock = await add()
  const start = (over: { lock?: Lockfile; cache?: ModuleCache } = {}) =>
    resolveImports({ imports: [request], registries: [registry], lock, cache, ...over })
  return { folder, served, registry, cache, lock, add, start }
}

const path = (folder: RegistryFolder, name: string): string => join(folder.dir, name)
const untrusted = (found: string) => ({ code: 'registry-untrusted', message: expect.stringContaining(found) as string })
const emptyCache = async (): Promise<ModuleCache> => new ModuleCache(await temporaryDir())

/** Another history of the same log, signed by the registry itself. */
async function writeOtherLog(folder: RegistryFolder, size: number): Promise<void> {
  await folder.writeLog(new MemoryLog(Array.from({ length: size }, (_, index) => Buffer.from(`other ${index}`))))
}

async function evidence(cache: ModuleCache): Promise<{ found: string; before: string; now: string }> {
  const folder = join(cache.dir, 'registries')
  const [name, ...more] = (await readdir(folder)).filter((entry) => entry.includes('.evidence-'))
  expect(more).toEqual([])
  return JSON.parse(await readFile(join(folder, name!), 'utf8')) as { found: string; before: string; now: string }
}

afterEach(() => vi.useRealTimers())

describe('a registry whose log has grown', () => {
  test('is believed, and the lock says how far it was', async () => {
    const { folder, lock, add } = await setup()
    expect(lock.registries['acme']).toMatchObject({ logOrigin: 'registry.example/log', checkpoint: { size: 1 } })
    await folder.publish(second!)
    const next = await add({ lock })
    expect(next.registries['acme']).toMatchObject({ checkpoint: { size: 2 } })
    expect(Object.keys(next.modules)).toEqual(['@acme/greeter@1.1.0'])
  })

  test('is believed when parts of tiles are gone that are full by now', async () => {
    const { folder, lock, add } = await setup()
    for (let index = 1; index < 300; index++) folder.log.append(Buffer.from(`event ${index}`))
    await folder.publish(second!)
    const full = { level: 0, index: 0, width: 256 } as const
    await writeFile(path(folder, 'log/tile/0/000'), folder.log.tile(full))
    await writeFile(path(folder, 'log/tile/0/001.p/45'), '').catch(() => mkdir(path(folder, 'log/tile/0/001.p')))
    await writeFile(path(folder, 'log/tile/0/001.p/45'), folder.log.tile({ level: 0, index: 1, width: 45 }))
    await mkdir(path(folder, 'log/tile/1/000.p'), { recursive: true })
    await writeFile(path(folder, 'log/tile/1/000.p/1'), folder.log.tile({ level: 1, index: 0, width: 1 }))
    expect((await add({ lock })).registries['acme']).toMatchObject({ checkpoint: { size: 301 } })
  })
})

describe('a log that does not extend what was seen of it', () => {
  test('is a split view: refused, with both notes as evidence', async () => {
    const { folder, cache, lock, add } = await setup()
    const before = await readFile(path(folder, 'log/checkpoint'), 'utf8')
    await writeOtherLog(folder, 3)
    const now = await readFile(path(folder, 'log/checkpoint'), 'utf8')
    await expect(add({ lock })).rejects.toMatchObject(untrusted('its log has been rewritten or holds something back'))
    expect(await evidence(cache)).toMatchObject({ before, now })
  })

  test('is noticed by the lock alone, where the cache is new', async () => {
    const { folder, lock, add, start } = await setup()
    const cache = await emptyCache()
    await writeOtherLog(folder, 3)
    await expect(start({ cache })).rejects.toMatchObject(untrusted('it had 1 leaves before'))
    // A bundle that fits the other history does not help.
    const other = await registryFolder()
    Object.assign(other.keys, folder.keys)
    other.log.append(Buffer.from('other'))
    await other.writeRoot(folder.document, [folder.keys.root])
    await other.publish(first!)
    for (const name of ['log', 'm', 'index']) await cp(path(other, name), path(folder, name), { recursive: true })
    const fresh = await emptyCache()
    await expect(add({ lock, cache: fresh })).rejects.toMatchObject(untrusted('its log has been rewritten'))
    expect((await evidence(fresh)).before).toContain('ingot.lock: 1 leaves')
    // Who has seen nothing yet cannot know.
    expect((await add({ cache: await emptyCache() })).registries['acme']).toMatchObject({ checkpoint: { size: 2 } })
  })

  test('is a rollback to fewer leaves', async () => {
    const { folder, lock, add } = await setup()
    const old = await readFile(path(folder, 'log/checkpoint'))
    await folder.publish(second!)
    const next = await add({ lock })
    await writeFile(path(folder, 'log/checkpoint'), old)
    await expect(add({ lock: next })).rejects.toMatchObject(untrusted('it had 2 leaves before, and has 1 now'))
  })

  test('is one whose tiles have a leaf that was rewritten', async () => {
    const { folder, lock, add } = await setup()
    await folder.publish(second!)
    await folder.publish(third!)
    const tile = path(folder, 'log/tile/0/000.p/3')
    const bytes = await readFile(tile)
    await writeFile(tile, Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32, 7), bytes.subarray(64)]))
    await expect(add({ lock })).rejects.toMatchObject(untrusted('its tiles do not show'))
    await writeFile(tile, bytes)
    expect(Object.keys((await add({ lock })).modules)).toEqual(['@acme/greeter@1.2.0'])
  })
})

describe('what a server changes on the way', () => {
  test.each<[string, string, (bytes: Buffer) => Uint8Array | string, string]>([
    ['a tile that is cut short', 'log/tile/0/000.p/2', (bytes) => bytes.subarray(0, 40), 'found 40 bytes, want 64'],
    [
      'a checkpoint of another size',
      'log/checkpoint',
      (bytes) => bytes.toString().replace('\n2\n', '\n3\n'),
      'does not hold',
    ],
    ['a checkpoint that is none', 'log/checkpoint', () => 'hello', 'Cannot read the signed note'],
    ['a bundle without its place', 'm/@acme/greeter/1.1.0/bundle.json', withoutPlace, 'names no place in its log'],
    ['a bundle of another place', 'm/@acme/greeter/1.1.0/bundle.json', atPlace(0), 'the proof leads to the root'],
    ['a bundle of a place beyond the log', 'm/@acme/greeter/1.1.0/bundle.json', atPlace(2), 'the log has 2 leaves'],
    [
      'an index of fewer versions',
      'index/@acme/greeter.ndjson',
      (bytes) => bytes.subarray(0, bytes.lastIndexOf('{')),
      'Cannot verify the index',
    ],
    ['an index without its signature', 'index/@acme/greeter.sig', () => '{}', 'cannot be read'],
  ])('%s is refused', async (_, name, change, found) => {
    const { folder, lock, add } = await setup()
    await folder.publish(second!)
    await writeFile(path(folder, name), change(await readFile(path(folder, name))))
    await expect(add({ lock })).rejects.toMatchObject(untrusted(found))
  })

  test.each([
    ['log/checkpoint', 'found no checkpoint of its log'],
    ['log/tile/0/000.p/2', 'found no "tile/0/000.p/2" of its log'],
    ['index/@acme/greeter.sig', 'is not signed'],
    ['keys/root.json', 'does not say which keys it has'],
  ])('leaves nothing to be taken for %s', async (name, found) => {
    const { folder, lock, add } = await setup()
    await folder.publish(second!)
    await rm(path(folder, name))
    await expect(add({ lock })).rejects.toMatchObject(untrusted(found))
  })

  test('an older index with its own signature is a rollback, and one that has ended a freeze', async () => {
    const { folder, lock, add } = await setup()
    const names = ['index/@acme/greeter.ndjson', 'index/@acme/greeter.sig']
    const old = await Promise.all(names.map((name) => readFile(path(folder, name))))
    await folder.publish(second!)
    const next = await add({ lock })
    for (const [at, name] of names.entries()) await writeFile(path(folder, name), old[at]!)
    await expect(add({ lock: next })).rejects.toMatchObject(untrusted('is an old one: found that of 1 leaves'))
    await folder.publish(third!, {}, { expiresAt: '2026-01-02T00:00:00.000Z' })
    await expect(add({ lock: next })).rejects.toMatchObject(untrusted('its signature is good until 2026-01-02'))
  })
})

describe('keys', () => {
  const at = '2026-07-01T00:00:00.000Z'

  test('that were rotated are followed from those that the user names, also to other root keys', async () => {
    const { folder, lock, add } = await setup()
    const [root, publish] = [generateSigningKey(), generateSigningKey()]
    const second1 = rotated(folder.document, { publish }, at)
    await folder.writeRoot(second1, [folder.keys.root])
    await folder.writeRoot(withRoots(second1, [root], 1), [folder.keys.root, root])
    await folder.publish(second!, {}, { key: publish, publishedAt: '2026-08-01T00:00:00.000Z' })
    expect(Object.keys((await add({ lock })).modules)).toEqual(['@acme/greeter@1.1.0'])
    expect(Object.keys((await add({ cache: await emptyCache() })).modules)).toEqual(['@acme/greeter@1.1.0'])
    await rm(path(folder, 'keys/2.root.json'))
    await expect(add({ cache: await emptyCache() })).rejects.toMatchObject(untrusted('found fingerprint'))
  })

  test('that are not known, or not of that time, have signed nothing', async () => {
    const { folder, lock, add } = await setup()
    await folder.publish(second!, {}, { key: generateSigningKey() })
    await expect(add({ lock })).rejects.toMatchObject(untrusted('found 0 signatures of known keys'))
    await folder.writeRoot(rotated(folder.document, { publish: generateSigningKey() }, at), [folder.keys.root])
    await folder.publish(third!, {}, { publishedAt: '2026-08-01T00:00:00.000Z' })
    await expect(add({ lock })).rejects.toMatchObject(untrusted('found 0 signatures of known keys'))
  })

  test('that were revoked vouch for what the log had before, whatever time they name', async () => {
    const { folder, lock, add, start } = await setup()
    const revoked = revoke(folder.document, folder.keys.publish, 1)
    await folder.writeRoot(revoked, [folder.keys.root])
    expect((await start({ cache: await emptyCache() })).size).toBe(1)
    await folder.publish(second!, {}, { publishedAt: '2026-02-01T00:00:00.000Z' })
    await expect(add({ lock })).rejects.toMatchObject(untrusted('found 0 signatures of known keys'))
  })

  test('of the log that were revoked sign no newest checkpoint', async () => {
    const { folder, start } = await setup()
    const log = generateSigningKey()
    const next = revoke(rotated(folder.document, { log }, at), folder.keys.log, 1)
    await folder.writeRoot({ ...next, version: 2 }, [folder.keys.root])
    await expect(start({ cache: await emptyCache() })).rejects.toMatchObject(untrusted('no signature of a known key'))
    await folder.writeLog(folder.log, log)
    expect((await start({ cache: await emptyCache() })).size).toBe(1)
  })

  test('never go back, and are one set for one version', async () => {
    const { folder, lock, add } = await setup()
    await folder.writeRoot({ ...folder.document, version: 2 }, [folder.keys.root])
    await add({ lock })
    await folder.writeRoot(folder.document, [folder.keys.root])
    await expect(add({ lock })).rejects.toMatchObject(untrusted('found version 1, and version 2 was there before'))
    await folder.writeRoot({ ...folder.document, version: 2, expires: '2999-01-01T00:00:00.000Z' }, [folder.keys.root])
    await expect(add({ lock })).rejects.toMatchObject(untrusted('two different documents of version 2'))
  })

  test('survive the loss of one root key of three, and not of two', async () => {
    const roots = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
    const { folder, cache } = await setup()
    const base = { ...withRoots(folder.document, roots, 2), version: 1 }
    await folder.writeRoot(base, roots)
    const fingerprint = rootFingerprint(base)
    const added = async (over: ModuleCache) => {
      const url = folder.url
      const registries = [{ name: 'acme', url, scopes: ['@acme'], root: fingerprint }]
      return addModule({ ...request, registries, lock: undefined, cache: over })
    }
    const { lock } = await added(cache)
    const renewed = [roots[0]!, roots[1]!, generateSigningKey()]
    await folder.writeRoot(withRoots(base, renewed, 2), renewed)
    await added(cache)
    const left = [roots[0]!, generateSigningKey(), generateSigningKey()]
    await folder.writeRoot({ ...withRoots(base, left, 2), version: 3 }, left)
    await expect(added(cache)).rejects.toMatchObject(untrusted('found 1 signatures of known keys, want 2'))
    const registries = [{ name: 'acme', url: folder.url, scopes: ['@acme'], root: fingerprint }]
    expect((await resolveImports({ imports: [request], registries, lock, cache })).size).toBe(1)
  })
})

describe('a pinned collector', () => {
  test.each([-5, 5])('starts with the registry down, its keys expired and the clock %i years off', async (years) => {
    const { folder, served, add, lock, start } = await setup()
    const expired = { ...folder.document, version: 2, expires: '2026-01-02T00:00:00.000Z' }
    await folder.writeRoot(expired, [folder.keys.root])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + years * 365 * 24 * 3_600_000 })
    // What is pinned may be fetched, too: only a choice depends on the time.
    expect((await start({ cache: await emptyCache() })).size).toBe(1)
    if (years > 0) await expect(add({ lock })).rejects.toMatchObject(untrusted('version 2 of them expired at'))
    await served.stop()
    served.requests.length = 0
    expect((await start()).size).toBe(1)
    expect(served.requests).toEqual([])
    await expect(start({ cache: await emptyCache() })).rejects.toMatchObject({ code: 'registry-unreachable' })
  })

  test('starts when what it knew of the registry is damaged, and nothing new is chosen then', async () => {
    const { cache, lock, add, start } = await setup()
    const [name] = await readdir(join(cache.dir, 'registries'))
    await writeFile(join(cache.dir, 'registries', name!), '{"checkpoint":')
    expect((await start()).size).toBe(1)
    await expect(add({ lock })).rejects.toMatchObject({ code: 'cache-corrupt' })
  })
})

function withoutPlace(bytes: Buffer): string {
  const { statement } = JSON.parse(bytes.toString()) as { statement: unknown }
  return JSON.stringify({ statement })
}

function atPlace(index: number): (bytes: Buffer) => string {
  return (bytes) => {
    const bundle = JSON.parse(bytes.toString()) as { inclusion: object }
    return JSON.stringify({ ...bundle, inclusion: { ...bundle.inclusion, index } })
  }
}

/** The next version, in which another key does what one did until `at`, and the old one stays listed. */
function rotated(
  document: RootDocument,
  keys: Partial<Record<'publish' | 'log', SigningKey>>,
  at: string,
): RootDocument {
  const next = structuredClone(document)
  next.version++
  for (const [name, key] of Object.entries(keys) as ['publish' | 'log', SigningKey][]) {
    const role = next.roles[name]!
    for (const keyId of role.keyids) next.keys[keyId]!.validTo = at
    role.keyids.push(key.publicKey.keyId)
    next.keys[key.publicKey.keyId] = keyEntry(key.publicKey)
  }
  return next
}

function revoke(document: RootDocument, { publicKey }: SigningKey, logSize: number): RootDocument {
  const next = structuredClone(document)
  next.version++
  next.keys[publicKey.keyId]!.revoked = { logSize, reason: 'its file was copied' }
  return next
}

function withRoots(document: RootDocument, roots: readonly SigningKey[], threshold: number): RootDocument {
  const entries = roots.map(({ publicKey }) => [publicKey.keyId, keyEntry(publicKey)] as const)
  const root = { keyids: roots.map(({ publicKey }) => publicKey.keyId), threshold }
  return {
    ...document,
    version: document.version + 1,
    keys: { ...document.keys, ...Object.fromEntries(entries) },
    roles: Object.assign({ ...document.roles }, { root }),
  }
}
