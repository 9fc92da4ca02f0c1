import { chmod, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostileArchives, rawArchive } from '@ingot/trust/testing'
import { describe, expect, test } from 'vitest'
import { LoaderError } from '../loader-error.ts'
import { packModule } from '../pack/pack-module.ts'
import { authorPackages, testModule } from '../testing/author-packages.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { ModuleCache } from './module-cache.ts'

const packed = await packModule(testModule('greeter'), { packages: authorPackages })

async function overwrite(path: string, text: string): Promise<void> {
  await chmod(path, 0o644)
  await writeFile(path, text)
}

describe('ModuleCache', () => {
  test('gives back what was added, in another instance too', async () => {
    const dir = await temporaryDir()
    const added = await new ModuleCache(dir).add(packed.archive)
    expect(added.integrity).toBe(packed.integrity)
    const opened = await new ModuleCache(dir).open(packed.integrity)
    expect(opened).toEqual(added)
    expect(opened!.manifest).toEqual(packed.manifest)
    expect((await readdir(opened!.dir)).sort()).toEqual([
      'README.md',
      'components',
      'examples',
      'module.json',
      'twice.alloy',
    ])
  })

  test('knows nothing of what was not added', async () => {
    expect(await new ModuleCache(await temporaryDir()).open(packed.integrity)).toBeUndefined()
  })

  test('notices packed bytes that changed, and takes them anew', async () => {
    const cache = new ModuleCache(await temporaryDir())
    const { integrity } = await cache.add(packed.archive)
    const [blob] = await readdir(join(cache.dir, 'blobs', 'sha512'))
    await overwrite(join(cache.dir, 'blobs', 'sha512', blob!), 'damaged')
    await expect(cache.open(integrity)).rejects.toMatchObject({ code: 'cache-corrupt' })
    expect(await cache.open(integrity)).toBeUndefined()
    await cache.add(packed.archive)
    expect(await cache.open(integrity)).toBeDefined()
  })

  test('repairs an unpacked tree that changed', async () => {
    const cache = new ModuleCache(await temporaryDir())
    const { dir, integrity } = await cache.add(packed.archive)
    const bundle = join(dir, 'components', 'hello.mjs')
    const before = await readFile(bundle, 'utf8')
    await overwrite(bundle, 'export default "evil"')
    await cache.open(integrity)
    expect(await readFile(bundle, 'utf8')).toBe(before)
  })

  test('serves many at once', async () => {
    const dir = await temporaryDir()
    const added = await Promise.all(Array.from({ length: 8 }, () => new ModuleCache(dir).add(packed.archive)))
    expect(new Set(added.map(({ dir: tree }) => tree)).size).toBe(1)
    expect((await readdir(join(dir, 'trees'))).length).toBe(1)
    expect((await readdir(join(dir, 'blobs', 'sha512'))).length).toBe(1)
  })

  test('forgets what was not opened for long, when there is much of it', async () => {
    const cache = new ModuleCache(await temporaryDir())
    await cache.add(packed.archive)
    const blobs = join(cache.dir, 'blobs/sha512')
    const week = 8 * 24 * 3_600_000
    const others = Array.from({ length: 300 }, (_, index) => index.toString(16).padStart(128, '0'))
    for (const name of others) {
      await writeFile(join(blobs, name), '')
      await utimes(join(blobs, name), 1, 1)
    }
    await writeFile(join(blobs, 'left-by-a-crash.tmp'), '')
    await cache.prune(Date.now() - week)
    expect((await readdir(blobs)).length).toBe(256)
    expect(await cache.open(packed.integrity)).toBeDefined()
    await cache.prune(Date.now() + week)
    expect(await readdir(blobs)).not.toContain('left-by-a-crash.tmp')
    expect(await cache.open(packed.integrity)).toBeDefined()
  })

  test.each(hostileArchives.map((hostile) => [hostile.name, hostile] as const))(
    'writes nothing of %s',
    async (_, hostile) => {
      const dir = await temporaryDir()
      await expect(new ModuleCache(dir).add(hostile.make())).rejects.toBeInstanceOf(LoaderError)
      expect(await readdir(dir)).toEqual([])
    },
  )

  test('refuses a bundle that differs from the manifest', async () => {
    const files = packed.files.map(({ path, bytes }) => ({ path, content: path.endsWith('.mjs') ? 'changed' : bytes }))
    const adding = new ModuleCache(await temporaryDir()).add(rawArchive(files))
    await expect(adding).rejects.toMatchObject({ code: 'manifest-invalid' })
  })

  test.each([
    ['no manifest', [{ path: 'README.md', content: 'x' }]],
    ['a manifest that is not JSON', [{ path: 'module.json', content: '{' }]],
    ['a manifest that is none', [{ path: 'module.json', content: '{"name":"@acme/it"}' }]],
  ])('refuses an archive with %s', async (_, files) => {
    const adding = new ModuleCache(await temporaryDir()).add(rawArchive(files))
    await expect(adding).rejects.toMatchObject({ code: 'manifest-invalid' })
  })
})
