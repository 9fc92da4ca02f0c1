import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lockfile } from '@ingot/manifest'
import { describe, expect, test } from 'vitest'
import { ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import { packModule, type PackedModule } from '../pack/pack-module.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { authorPackages, testModule } from '../testing/author-packages.ts'
import { registryFolder, type RegistryFolder } from '../testing/registry-folder.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { addModule } from './add-module.ts'
import { formatLock, parseLock } from './lock-file.ts'
import { folderImport, resolveImports } from './resolve-imports.ts'

const request = { file: 'main.alloy', namespace: 'greeter', module: '@acme/greeter', version: '^1.0.0' }
const packed = await greeter('1.2.0')

async function greeter(version: string): Promise<PackedModule> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-greeter-'))
  await cp(testModule('greeter'), dir, { recursive: true })
  const source = await readFile(join(dir, 'module.ts'), 'utf8')
  await writeFile(join(dir, 'module.ts'), source.replace('1.2.0', version))
  try {
    return await packModule(dir, { packages: { ...authorPackages, zod: fileURLToPath(import.meta.resolve('zod')) } })
  } finally {
    await rm(dir, { recursive: true })
  }
}

interface Setup {
  readonly folder: RegistryFolder
  readonly registry: RegistryConfig
  readonly cache: ModuleCache
  readonly lock: Lockfile
}

/** A registry with one version, pinned by a lock and cached. */
async function setup(over: Partial<RegistryConfig> = {}): Promise<Setup> {
  const folder = await registryFolder()
  await folder.publish(packed)
  const registry = { name: 'acme', url: folder.url, scopes: ['@acme'], root: folder.root, ...over }
  const cache = new ModuleCache(await temporaryDir())
  const added = await addModule({ ...request, registries: [registry], lock: undefined, cache })
  return { folder, registry, cache, lock: parseLock(formatLock(added.lock), 'ingot.lock') }
}

async function refusal(promise: Promise<unknown>): Promise<LoaderError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(LoaderError)
  return error as LoaderError
}

describe('resolveImports()', () => {
  test('gives the components of an import under its namespace', async () => {
    const { registry, cache, lock } = await setup()
    const imports = await resolveImports({ imports: [request], registries: [registry], lock, cache })
    const { components, manifest, from } = imports.get('main.alloy#greeter')!
    expect([manifest.version, from]).toEqual(['1.2.0', 'acme'])
    expect(components).toMatchObject([{ name: 'greeter.hello', module: '@acme/greeter', trusted: false }])
    expect(await readFile(components[0]!.bundlePath, 'utf8')).toContain('Greets at an interval')
  })

  test('asks nobody for what is cached, and fetches what is not', async () => {
    const { folder, cache, lock, registry } = await setup()
    const served = await folder.serve()
    const over: RegistryConfig = { ...registry, url: served.url }
    const moved = { ...lock, registries: { acme: { url: served.url, root: folder.root } } }
    await resolveImports({ imports: [request], registries: [over], lock: moved, cache })
    expect(served.requests).toEqual([])
    const empty = new ModuleCache(await temporaryDir())
    await resolveImports({ imports: [request], registries: [over], lock: moved, cache: empty })
    expect(served.requests).toContain('/m/@acme/greeter/1.2.0/bundle.json')
    await served.stop()
    expect((await resolveImports({ imports: [request], registries: [over], lock: moved, cache: empty })).size).toBe(1)
    const nothing = new ModuleCache(await temporaryDir())
    const error = await refusal(resolveImports({ imports: [request], registries: [over], lock: moved, cache: nothing }))
    expect(error.code).toBe('registry-unreachable')
  })

  test('needs neither lock nor registry when nothing is imported', async () => {
    const cache = new ModuleCache(await temporaryDir())
    expect(await resolveImports({ imports: [], registries: [], lock: undefined, cache })).toEqual(new Map())
  })

  test('notices damage in the cache, and fetches the module anew at the next start', async () => {
    const { registry, cache, lock } = await setup()
    const [blob] = await readdir(join(cache.dir, 'blobs/sha512'))
    const path = join(cache.dir, 'blobs/sha512', blob!)
    await chmod(path, 0o644)
    await writeFile(path, 'damaged')
    const resolve = () => resolveImports({ imports: [request], registries: [registry], lock, cache })
    expect((await refusal(resolve())).code).toBe('cache-corrupt')
    expect((await resolve()).size).toBe(1)
  })

  test('names configuration, lock and the command where they disagree', async () => {
    const { registry, cache, lock } = await setup()
    const wanted = { ...request, version: '^2.0.0' }
    const error = await refusal(resolveImports({ imports: [wanted], registries: [registry], lock, cache }))
    expect(error.problems).toEqual([
      {
        code: 'lock-disagrees',
        import: 'main.alloy#greeter',
        message:
          'Cannot load import.module "greeter" in "main.alloy": the configuration wants "@acme/greeter" at "^2.0.0", and ingot.lock pins 1.2.0',
        hint: "run: ingot module add '@acme/greeter@^2.0.0' --namespace greeter --config main.alloy",
      },
    ])
  })

  test.each<[string, Partial<typeof request>, Partial<RegistryConfig>, string]>([
    ['another module', { module: '@acme/other' }, {}, 'lock-disagrees'],
    ['a namespace that is not pinned', { namespace: 'other' }, {}, 'lock-missing'],
    ['a file that is not pinned', { file: 'other.alloy' }, {}, 'lock-missing'],
    ['a range that is none', { version: 'newest' }, {}, 'lock-disagrees'],
    ['another registry of the same name', {}, { url: 'https://elsewhere.example' }, 'lock-disagrees'],
    ['a registry of another name', {}, { name: 'other' }, 'lock-disagrees'],
    ['other root keys', {}, { root: `sha256:${'0'.repeat(64)}` }, 'lock-disagrees'],
    ['no registry for the scope', {}, { scopes: ['@other'] }, 'registry-missing'],
  ])('refuses %s', async (_, changedRequest, changedRegistry, code) => {
    const { registry, cache, lock } = await setup()
    const imports = [{ ...request, ...changedRequest }]
    const error = await refusal(
      resolveImports({ imports, registries: [{ ...registry, ...changedRegistry }], lock, cache }),
    )
    expect(error.code).toBe(code)
  })

  test('refuses to start without a lock', async () => {
    const { registry, cache } = await setup()
    const error = await refusal(resolveImports({ imports: [request], registries: [registry], lock: undefined, cache }))
    expect([error.code, error.hint]).toEqual(['lock-missing', expect.stringContaining('ingot module add')])
  })

  test('reports every import that cannot be loaded', async () => {
    const { registry, cache, lock } = await setup()
    const imports = [request, { ...request, namespace: 'a' }, { ...request, namespace: 'b' }]
    const error = await refusal(resolveImports({ imports, registries: [registry], lock, cache }))
    expect(error.problems.map((problem) => problem.import)).toEqual(['main.alloy#a', 'main.alloy#b'])
  })

  test('refuses a scope that two registries claim', async () => {
    const { registry, cache, lock } = await setup()
    const two = [registry, { ...registry, name: 'second' }]
    expect((await refusal(resolveImports({ imports: [request], registries: two, lock, cache }))).code).toBe(
      'registry-conflict',
    )
  })

  test('refuses a lock whose bytes are another module', async () => {
    const { folder, registry, cache, lock } = await setup()
    await folder.publish(await greeter('1.3.0'))
    const other = await addModule({ ...request, registries: [registry], lock: undefined, cache })
    const [entry] = Object.values(other.lock.modules)
    const mixed = { ...lock, modules: { '@acme/greeter@1.2.0': entry! } }
    expect(
      (await refusal(resolveImports({ imports: [request], registries: [registry], lock: mixed, cache }))).code,
    ).toBe('lock-invalid')
  })
})

describe('a registry', () => {
  const fresh = async (folder: RegistryFolder, over: Partial<RegistryConfig> = {}) =>
    addModule({
      ...request,
      registries: [{ name: 'acme', url: folder.url, scopes: ['@acme'], root: folder.root, ...over }],
      lock: undefined,
      cache: new ModuleCache(await temporaryDir()),
    })

  test('that sends other bytes is refused', async () => {
    const folder = await registryFolder()
    await folder.publish(packed)
    const [blob] = await readdir(join(folder.dir, 'blobs/sha512'))
    await writeFile(join(folder.dir, 'blobs/sha512', blob!), 'other')
    expect((await refusal(fresh(folder))).code).toBe('integrity-mismatch')
  })

  test('that signs with other keys is refused, and not asked about keys when none are known', async () => {
    const [folder, stranger] = [await registryFolder(), await registryFolder()]
    await folder.publish(packed)
    expect((await refusal(fresh(folder, { root: stranger.root }))).code).toBe('registry-untrusted')
    const { root: _root, ...unsigned } = { name: 'acme', url: folder.url, scopes: ['@acme'], root: '' }
    const cache = new ModuleCache(await temporaryDir())
    expect((await addModule({ ...request, registries: [unsigned], lock: undefined, cache })).version).toBe('1.2.0')
  })

  test('whose statement is about another version is refused', async () => {
    const folder = await registryFolder()
    await folder.publish(packed)
    await folder.publish(await greeter('1.1.0'))
    const statements = join(folder.dir, 'm/@acme/greeter')
    await cp(join(statements, '1.1.0/bundle.json'), join(statements, '1.2.0/bundle.json'))
    expect((await refusal(fresh(folder))).code).toBe('registry-untrusted')
  })

  test('that points elsewhere is refused', async () => {
    const folder = await registryFolder()
    await folder.publish(packed)
    const path = join(folder.dir, '.well-known/ingot.json')
    const discovery = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    for (const blobs of ['https://evil.example/blobs', '//evil.example', '../../etc']) {
      await writeFile(path, JSON.stringify({ ...discovery, blobs }))
      expect((await refusal(fresh(folder))).code).toBe('registry-untrusted')
    }
  })

  test.each(['http://registry.example', 'ftp://registry.example', 'nonsense'])('at %s is refused', async (url) => {
    expect((await refusal(fresh(await registryFolder(), { url }))).code).toBe('registry-unreachable')
  })
})

describe('addModule()', () => {
  test('takes the newest version that may be taken, and says why not a newer one', async () => {
    const folder = await registryFolder()
    for (const version of ['1.1.0', '1.3.0-rc.1', '2.0.0']) await folder.publish(await greeter(version))
    await folder.publish(packed, { status: 'yanked' })
    const registries = [{ name: 'acme', url: folder.url, scopes: ['@acme'] }]
    const added = await addModule({
      ...request,
      registries,
      lock: undefined,
      cache: new ModuleCache(await temporaryDir()),
    })
    expect(added.version).toBe('1.1.0')
    expect(added.rejected).toEqual([
      { version: '2.0.0', reason: 'outside of "^1.0.0"' },
      { version: '1.3.0-rc.1', reason: 'a prerelease that the range does not name' },
      { version: '1.2.0', reason: 'yanked' },
    ])
  })

  test('writes a lock that does not change when nothing does, and forgets what is not imported', async () => {
    const { folder, registry, cache, lock } = await setup()
    const again = await addModule({ ...request, registries: [registry], lock, cache })
    expect(formatLock(again.lock)).toBe(formatLock(lock))
    await folder.publish(await greeter('1.3.0'))
    const newer = await addModule({ ...request, registries: [registry], lock, cache })
    expect(Object.keys(newer.lock.modules)).toEqual(['@acme/greeter@1.3.0'])
  })

  test('refuses a module that is not there', async () => {
    const { registry, cache } = await setup()
    const adding = addModule({ ...request, module: '@acme/unknown', registries: [registry], lock: undefined, cache })
    expect((await refusal(adding)).code).toBe('module-not-found')
  })
})

describe('parseLock()', () => {
  test.each(['', '{', '[]', '{"lockfileVersion":2}'])('refuses %j with the way out', (text) => {
    expect(() => parseLock(text, 'ingot.lock')).toThrow(LoaderError)
  })
})

describe('folderImport()', () => {
  test('gives the components of a module that no lock pins, untrusted', async () => {
    const module = await new ModuleCache(await temporaryDir()).add(packed.archive)
    const { components, from } = folderImport(request, module)
    expect(from).toBe('folder')
    expect(components).toMatchObject([{ name: 'greeter.hello', module: '@acme/greeter', trusted: false }])
  })

  test('refuses a version that the configuration does not want', async () => {
    const module = await new ModuleCache(await temporaryDir()).add(packed.archive)
    const error = await refusal((async () => folderImport({ ...request, version: '^2.0.0' }, module))())
    expect(error.message).toBe(
      'Cannot load import.module "greeter" in "main.alloy": the configuration wants "@acme/greeter" at "^2.0.0", and its folder holds 1.2.0',
    )
  })
})
