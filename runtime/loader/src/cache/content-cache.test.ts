import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { ContentCache } from './content-cache.ts'
import { ModuleCache } from './module-cache.ts'

test('ContentCache gives the last content of an address, and pinned content whatever the address has later', async () => {
  const cache = new ContentCache(await temporaryDir())
  expect(await cache.last('a')).toBeUndefined()
  const { integrity } = await cache.put('a', Buffer.from('one'))
  await cache.pin('a', integrity)
  await cache.put('a', Buffer.from('two'))
  expect(Buffer.from((await cache.last('a'))!.bytes).toString()).toBe('two')
  expect(Buffer.from((await cache.pinned(integrity))!.bytes).toString()).toBe('one')
  expect(await cache.last('b')).toBeUndefined()
})

test('ContentCache gives no pinned content that is damaged, and keeps none that the address no longer has', async () => {
  const dir = await temporaryDir()
  const cache = new ContentCache(dir)
  const { integrity } = await cache.put('a', Buffer.from('one'))
  await cache.put('a', Buffer.from('two'))
  await cache.pin('a', integrity)
  expect(await cache.pinned(integrity)).toBeUndefined()
  await cache.put('a', Buffer.from('one'))
  await cache.pin('a', integrity)
  const pinned = (await readdir(join(dir, 'imports'))).find((name) => name.startsWith('pinned-'))!
  await writeFile(join(dir, 'imports', pinned), 'other')
  expect(await cache.pinned(integrity)).toBeUndefined()
})

test('ContentCache is pruned of what was not used for long', async () => {
  const dir = await temporaryDir()
  const cache = new ContentCache(dir)
  for (let i = 0; i < 300; i++) await cache.put(`${i}`, Buffer.from(`${i}`))
  for (const name of await readdir(join(dir, 'imports'))) await utimes(join(dir, 'imports', name), 1, 1)
  await cache.put('7', Buffer.from('7'))
  await new ModuleCache(dir).prune()
  expect(await readdir(join(dir, 'imports'))).toHaveLength(256)
  expect(await cache.last('7')).toBeDefined()
})
