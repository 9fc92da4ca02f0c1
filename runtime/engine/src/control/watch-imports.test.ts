import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readSources } from './read-sources.ts'
import { ImportWatch, sourcesDigest, type WatchedImport } from './watch-imports.ts'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-watch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function watched(path: string, detector: WatchedImport['detector']): Promise<WatchedImport> {
  return { id: 'import.file.lib', path, detector, pollMs: 20, digest: sourcesDigest(await readSources(path)) }
}

function watching(): { readonly watch: ImportWatch; readonly changes: string[] } {
  const changes: string[] = []
  const watch = new ImportWatch((id) => changes.push(id))
  onTestFinished(() => watch.close())
  return { watch, changes }
}

test.for(['fsnotify', 'poll'] as const)(
  'ImportWatch tells of other content, and of no other change (%s)',
  async (detector) => {
    const path = join(folder(), 'lib.alloy')
    writeFileSync(path, 'declare "a" { }')
    const { watch, changes } = watching()
    await watch.set([await watched(path, detector)])
    writeFileSync(path, 'declare "a" { }')
    writeFileSync(`${path}.bak`, 'something else')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(changes).toEqual([])
    writeFileSync(path, 'declare "b" { }')
    await vi.waitFor(() => expect(changes).toEqual(['import.file.lib']), 5_000)
    rmSync(path)
    await vi.waitFor(() => expect(changes).toHaveLength(2), 5_000)
  },
)

test('ImportWatch follows a link that is put in the place of another one, as configuration maps do', async () => {
  const dir = folder()
  for (const version of ['one', 'two']) {
    mkdirSync(join(dir, version))
    writeFileSync(join(dir, version, 'lib.alloy'), `declare "${version}" { }`)
  }
  symlinkSync('one', join(dir, '..data'))
  symlinkSync('..data/lib.alloy', join(dir, 'lib.alloy'))
  const { watch, changes } = watching()
  await watch.set([await watched(join(dir, 'lib.alloy'), 'fsnotify')])
  symlinkSync('two', join(dir, 'next'))
  renameSync(join(dir, 'next'), join(dir, '..data'))
  await vi.waitFor(() => expect(changes).toEqual(['import.file.lib']), 5_000)
})

test('ImportWatch notices what changed between the read and the watch, and forgets what is no longer imported', async () => {
  const path = join(folder(), 'lib.alloy')
  writeFileSync(path, 'declare "a" { }')
  const { watch, changes } = watching()
  const before = await watched(path, 'fsnotify')
  writeFileSync(path, 'declare "b" { }')
  await watch.set([before])
  await vi.waitFor(() => expect(changes).toHaveLength(1), 5_000)
  await watch.set([])
  writeFileSync(path, 'declare "c" { }')
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(changes).toHaveLength(1)
})
