import { chmod, cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateSigningKey, signEnvelope } from '@ingot/trust'
import { describe, expect, test } from 'vitest'
import { ModuleCache } from '../cache/module-cache.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { distributionPayloadType, openDistribution } from './distribution.ts'
import { prepareDistribution, type PrepareOptions } from './prepare-distribution.ts'

const testdata = fileURLToPath(new URL('../../testdata/checkout', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url))

interface Checkout {
  readonly root: string
  readonly cacheDir: string
  /** What was packed, in order. */
  prepare(
    options?: Partial<PrepareOptions>,
  ): Promise<{ distribution: Awaited<ReturnType<typeof prepareDistribution>>; packed: string[] }>
}

async function checkout(): Promise<Checkout> {
  const root = await temporaryDir()
  await cp(testdata, root, { recursive: true })
  await symlink(nodeModules, join(root, 'node_modules'))
  const cacheDir = join(root, '.cache')
  const prepare: Checkout['prepare'] = async (options) => {
    const packed: string[] = []
    const distribution = await prepareDistribution({
      root,
      cacheDir,
      onProgress: ({ module, state }) => state === 'packed' && packed.push(module),
      ...options,
    })
    return { distribution, packed: packed.sort() }
  }
  return { root, cacheDir, prepare }
}

describe('prepareDistribution()', { timeout: 60_000 }, () => {
  test('packs, pins and signs the modules of a checkout', async () => {
    const { prepare } = await checkout()
    const { distribution, packed } = await prepare()
    expect(packed).toEqual(['modules/clock', 'modules/echo'])
    const tick = distribution.lookup('clock.tick')!
    expect(tick).toMatchObject({
      module: '@ingot/clock',
      version: '0.1.0',
      trusted: true,
      component: { name: 'clock.tick' },
    })
    expect(await readFile(tick.bundlePath, 'utf8')).toContain('clock.tick')
    expect(distribution.lookup('clock.tock')).toBeUndefined()
    expect(distribution.components().map(({ name }) => name)).toEqual(['clock.tick', 'echo.back'])
    expect(distribution.lock.modules['@ingot/clock@0.1.0']).toMatchObject({
      from: 'distribution',
      components: ['clock.tick'],
    })
  })

  test('packs only what changed', async () => {
    const { root, prepare } = await checkout()
    const first = await prepare()
    expect((await prepare()).packed).toEqual([])
    const source = join(root, 'modules/echo/back/component.ts')
    await writeFile(source, (await readFile(source, 'utf8')).replace('Echoes.', 'Echoes loudly.'))
    const changed = await prepare()
    expect(changed.packed).toEqual(['modules/echo'])
    expect(changed.distribution.lookup('echo.back')!.component.summary).toBe('Echoes loudly.')
    expect(changed.distribution.keyId).toBe(first.distribution.keyId)
    await mkdir(join(root, 'sdk'))
    await writeFile(join(root, 'sdk', 'changed.ts'), '')
    expect((await prepare()).packed).toEqual(['modules/clock', 'modules/echo'])
  })

  test('packs anew what was damaged in the cache', async () => {
    const { prepare } = await checkout()
    const { distribution } = await prepare()
    const cache = distribution.lookup('echo.back')!.bundlePath.replace(/trees\/([0-9a-f]+)\/.*/, 'blobs/sha512/$1')
    await chmod(cache, 0o644)
    await writeFile(cache, 'damaged')
    expect((await prepare()).packed).toEqual(['modules/echo'])
  })

  test('keeps its private key to its owner', async () => {
    const { cacheDir, prepare } = await checkout()
    await prepare({ modules: [] })
    expect((await stat(join(cacheDir, 'distribution/development-key.pem'))).mode & 0o077).toBe(0)
  })

  test('refuses two modules that claim one name', async () => {
    const { root, prepare } = await checkout()
    const source = join(root, 'modules/echo/back/component.ts')
    await writeFile(source, (await readFile(source, 'utf8')).replace('echo.back', 'clock.tick'))
    await expect(prepare()).rejects.toMatchObject({ code: 'distribution-invalid' })
  })

  test('reports every module that cannot be packed', async () => {
    const { root, prepare } = await checkout()
    for (const name of ['clock', 'echo']) await writeFile(join(root, 'modules', name, 'module.ts'), 'export default {}')
    await expect(prepare()).rejects.toMatchObject({
      problems: [{ code: 'module-source-invalid' }, { code: 'module-source-invalid' }],
    })
  })
})

describe('openDistribution()', { timeout: 60_000 }, () => {
  test('refuses a lockfile that another key signed', async () => {
    const { cacheDir, prepare } = await checkout()
    await prepare()
    const envelope = JSON.parse(await readFile(join(cacheDir, 'distribution/lock.dsse.json'), 'utf8')) as never
    const opening = openDistribution(envelope, [generateSigningKey().publicKey], new ModuleCache(cacheDir))
    await expect(opening).rejects.toMatchObject({ code: 'distribution-untrusted' })
  })

  test('refuses a module that is not in the cache', async () => {
    const { cacheDir, prepare } = await checkout()
    const { distribution } = await prepare()
    const key = generateSigningKey()
    const envelope = signEnvelope(distributionPayloadType, Buffer.from(JSON.stringify(distribution.lock)), [key])
    const empty = new ModuleCache(join(cacheDir, 'empty'))
    await expect(openDistribution(envelope, [key.publicKey], empty)).rejects.toMatchObject({
      code: 'distribution-invalid',
    })
  })
})
