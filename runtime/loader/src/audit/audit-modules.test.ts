import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lockfile, OsvRecord } from '@ingot/manifest'
import { generateSigningKey, nextRoot, revokeKey, expireRoot, rotateKey } from '@ingot/trust'
import { describe, expect, test } from 'vitest'
import { ModuleCache } from '../cache/module-cache.ts'
import { addModule } from '../lock/add-module.ts'
import { resolveImports } from '../lock/resolve-imports.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { packedGreeter } from '../testing/packed-greeter.ts'
import { registryFolder } from '../testing/registry-folder.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { vendorModules } from '../vendor/vendor-modules.ts'
import { auditModules } from './audit-modules.ts'
import { verifyModules } from './verify-modules.ts'

const [first, second] = await Promise.all(['1.0.0', '1.1.0'].map(packedGreeter))
const request = { file: 'main.alloy', namespace: 'greeter', module: '@acme/greeter', version: '^1.0.0' }

/** A user who has pinned the first version. */
async function setup() {
  const folder = await registryFolder()
  await folder.publish(first!)
  const served = await folder.serve()
  const cache = new ModuleCache(await temporaryDir())
  const registries: RegistryConfig[] = [{ name: 'acme', url: served.url, scopes: ['@acme'], root: folder.root }]
  const add = async (lock?: Lockfile) => addModule({ ...request, registries, lock, cache })
  const { lock } = await add()
  const vendorDir = join(await temporaryDir(), 'vendor')
  const audit = () => auditModules({ lock, registries, cache, now: new Date() })
  const verify = (over: ModuleCache = cache) => verifyModules({ lock, registries, cache: over, vendorDir })
  const start = (over: object = {}) =>
    resolveImports({ imports: [request], registries, lock, cache, vendorDir, ...over })
  return { folder, served, cache, registries, lock, vendorDir, add, audit, verify, start }
}

const osv = (events: Record<string, string>[]): OsvRecord => ({
  id: 'INGOT-2026-1',
  modified: '2026-11-01T00:00:00Z',
  summary: 'sends what it reads',
  affected: [{ package: { ecosystem: 'Ingot', name: '@acme/greeter' }, ranges: [{ type: 'SEMVER', events }] }],
})

describe('auditModules()', () => {
  test('finds nothing where there is nothing', async () => {
    const { audit } = await setup()
    expect(await audit()).toEqual([])
  })

  test('tells of advisories, and a version that mends one is taken although it is young', async () => {
    const { folder, lock, audit, add } = await setup()
    await folder.publish(second!, { published: new Date().toISOString() })
    expect((await add(lock)).version).toBe('1.0.0')
    await folder.writeAdvisories([osv([{ introduced: '0' }, { fixed: '1.1.0' }])])
    expect(await audit()).toMatchObject([
      { kind: 'advisory', severity: 'error', id: 'INGOT-2026-1', fixed: ['1.1.0'], version: '1.0.0' },
    ])
    const mended = await add(lock)
    expect([mended.version, mended.changes[0]!.bypass]).toEqual(['1.1.0', 'INGOT-2026-1'])
  })

  test('believes no list of advisories that others have written, or that was taken away', async () => {
    const { folder, audit } = await setup()
    await folder.writeAdvisories([osv([{ introduced: '2.0.0' }])])
    expect(await audit()).toEqual([])
    const path = join(folder.dir, 'advisories/all.ndjson')
    await writeFile(path, (await readFile(path, 'utf8')).replace('2.0.0', '3.0.0'))
    expect(await audit()).toMatchObject([{ kind: 'unverified', severity: 'error' }])
    await rm(path)
    expect(await audit()).toMatchObject([
      { kind: 'unverified', message: expect.stringContaining('all.ndjson') as string },
    ])
  })

  test.each(['yanked', 'quarantined', 'tombstoned'] as const)('tells what was %s, and why', async (status) => {
    const { folder, audit } = await setup()
    await rm(join(folder.dir, 'index'), { recursive: true })
    await folder.publish(first!, { status, reason: 'it leaks', deprecated: 'see 2.0.0' })
    expect(await audit()).toMatchObject([
      { kind: status, severity: 'error', message: `it was ${status}: it leaks` },
      { kind: 'deprecated', severity: 'warning' },
    ])
  })

  test('tells of keys that are about to end, that have ended, and that were revoked', async () => {
    const { folder, audit } = await setup()
    const soon = nextRoot(folder.document, expireRoot(new Date(Date.now() + 86_400_000)))
    await folder.writeRoot(soon, [folder.keys.root])
    expect(await audit()).toMatchObject([{ kind: 'keys-expiring', severity: 'warning', registry: 'acme' }])
    const next = generateSigningKey().publicKey
    const revoked = nextRoot(
      soon,
      expireRoot(new Date('2999-01-01')),
      rotateKey('publish', next, new Date(), new Date()),
      revokeKey(folder.keys.publish.publicKey.keyId, { logSize: 0, reason: 'its disk was copied' }),
    )
    await folder.writeRoot(revoked, [folder.keys.root])
    expect(await audit()).toMatchObject([
      { kind: 'revoked', message: expect.stringContaining('disk was copied') as string },
    ])
    await folder.writeRoot(nextRoot(revoked, expireRoot(new Date('2026-01-02'))), [folder.keys.root])
    expect(await audit()).toMatchObject([{ kind: 'keys-expired' }, { kind: 'unverified' }])
  })

  test('what it learns of a revoked key a start knows: a warning, or no start', async () => {
    const { folder, served, registries, audit, start } = await setup()
    expect([...(await start()).values()][0]!.revoked).toBeUndefined()
    const key = folder.keys.publish.publicKey.keyId
    await folder.writeRoot(nextRoot(folder.document, revokeKey(key, { logSize: 0, reason: 'stolen' })), [
      folder.keys.root,
    ])
    await audit()
    await served.stop()
    expect([...(await start()).values()][0]!.revoked).toBe('stolen')
    const blocking = registries.map((registry) => ({ ...registry, onRevoked: 'block' as const }))
    await expect(start({ registries: blocking })).rejects.toMatchObject({ code: 'module-revoked' })
  })
})

describe('vendorModules()', () => {
  test('leaves what starts and verifies on a machine that has nothing and reaches nobody', async () => {
    const { served, lock, registries, cache, vendorDir, verify, start } = await setup()
    expect(await vendorModules({ lock, registries, cache, vendorDir })).toHaveLength(1)
    await served.stop()
    const empty = () => temporaryDir().then((dir) => new ModuleCache(dir))
    expect(await verify(await empty())).toEqual([
      { module: '@acme/greeter', version: '1.0.0', from: 'vendor', verified: 'statement', log: 0 },
    ])
    expect((await start({ cache: await empty(), offline: true })).size).toBe(1)
  })

  test('vouches for nothing that was changed in the folder', async () => {
    const { lock, registries, cache, vendorDir, verify, start } = await setup()
    await vendorModules({ lock, registries, cache, vendorDir })
    const bundle = join(vendorDir, 'acme/m/@acme/greeter/1.0.0/bundle.json')
    const text = await readFile(bundle, 'utf8')
    await writeFile(bundle, text.replace(/"index":0/, '"index":1'))
    const fresh = new ModuleCache(await temporaryDir())
    expect(await verify(fresh)).toMatchObject([
      { problem: expect.stringContaining('Cannot trust the registry') as string },
    ])
    await expect(start({ cache: fresh, offline: true })).rejects.toMatchObject({ code: 'registry-untrusted' })
  })
})

describe('verifyModules()', () => {
  test('judges what is cached by what was kept, without the registry', async () => {
    const { served, verify } = await setup()
    await served.stop()
    expect(await verify()).toMatchObject([{ from: 'cache', verified: 'statement', log: 0 }])
    expect(await verify(new ModuleCache(await temporaryDir()))).toMatchObject([
      { problem: 'its bytes are neither vendored nor cached' },
    ])
  })

  test('an offline start with an empty cache says what is missing', async () => {
    const { start } = await setup()
    const cache = new ModuleCache(await temporaryDir())
    await expect(start({ cache, offline: true })).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('--offline asks no registry') as string,
    })
  })
})
