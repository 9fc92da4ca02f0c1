import { cp, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ModuleCache } from '../cache/module-cache.ts'
import { authorPackages, testModule } from '../testing/author-packages.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { packFolder, type PackProgress } from './pack-folder.ts'

const packages = { ...authorPackages, zod: fileURLToPath(import.meta.resolve('zod')) }

test('packFolder() packs a folder outside of any workspace once, and again when a source has changed', async () => {
  const dir = join(await temporaryDir(), 'greeter')
  await cp(testModule('greeter'), dir, { recursive: true })
  const cache = new ModuleCache(await temporaryDir())
  const states: PackProgress['state'][] = []
  const onProgress = ({ state }: PackProgress): void => void states.push(state)
  const options = { cache, packages, packer: 'the packer of this test, thirty-two characters', onProgress }
  const first = await packFolder(dir, options)
  expect(first.manifest.name).toBe('@acme/greeter')
  expect((await packFolder(dir, options)).integrity).toBe(first.integrity)
  await writeFile(join(dir, 'README.md'), 'Another text.')
  expect((await packFolder(dir, options)).integrity).not.toBe(first.integrity)
  expect(states).toEqual(['packing', 'packed', 'unchanged', 'packing', 'packed'])
})

test('packFolder() says what is wrong with the sources', async () => {
  const options = { cache: new ModuleCache(await temporaryDir()), packages, packer: 'p'.repeat(32) }
  await expect(packFolder(testModule('reads-files'), options)).rejects.toMatchObject({ code: 'native-import' })
})
