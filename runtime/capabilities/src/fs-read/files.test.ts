import { execFileSync } from 'node:child_process'
import { appendFileSync, linkSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCapabilityError, type CapabilityErrorCode } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { openEnv, temporaryDirectory } from '../test-env.ts'

const coded = (code: CapabilityErrorCode) => (error: unknown) => isCapabilityError(error, code)

test('env.fs reads files whole, those of /proc included, within a bound', async () => {
  const { env } = await openEnv(['fs.read'])
  const path = join(temporaryDirectory(), 'a')
  writeFileSync(path, 'grüße')
  expect(await env.fs.readText(path)).toBe('grüße')
  expect(await env.fs.readText(path, { bytesMax: 7 })).toBe('grüße')
  await expect(env.fs.readText(path, { bytesMax: 6 })).rejects.toSatisfy(coded('too_large'))
  expect(await env.fs.readText('/proc/self/status')).toContain('Pid:')
  await expect(env.fs.readText('/proc/self/status', { bytesMax: 10 })).rejects.toSatisfy(coded('too_large'))
  expect(await env.fs.readText('/dev/null')).toBe('')
  await expect(env.fs.read(`${path}.absent`)).rejects.toSatisfy(coded('not_found'))
  await expect(env.fs.read(`${path}\0`)).rejects.toSatisfy(coded('invalid'))
  await expect(env.fs.read(temporaryDirectory())).rejects.toSatisfy(coded('io'))
})

test('env.fs does not wait for the writer of a named pipe', async () => {
  const { env } = await openEnv(['fs.read'])
  const path = join(temporaryDirectory(), 'pipe')
  execFileSync('mkfifo', [path])
  expect(await env.fs.open(path).then((file) => file.close())).toBeUndefined()
})

test('an open file is followed through rename, truncation and removal', async () => {
  const { env } = await openEnv(['fs.read'])
  const directory = temporaryDirectory()
  const path = join(directory, 'log')
  writeFileSync(path, 'one')
  const file = await env.fs.open(path)
  const into = new Uint8Array(10)
  expect(await file.read(into, 1)).toBe(2)
  expect(env.text.decode(into.subarray(0, 2))).toBe('ne')
  expect(await file.read(into, 3)).toBe(0)
  const { identity } = await file.stat()
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'new')
  linkSync(`${path}.1`, join(directory, 'second'))
  expect((await env.fs.stat(`${path}.1`))!.identity).toBe(identity)
  expect((await env.fs.stat(join(directory, 'second')))!.identity).toBe(identity)
  expect((await env.fs.stat(path))!.identity).not.toBe(identity)
  appendFileSync(`${path}.1`, ' two')
  expect(await file.stat()).toMatchObject({ size: 7, unlinked: false, isDirectory: false })
  truncateSync(`${path}.1`)
  expect((await file.stat()).size).toBe(0)
  unlinkSync(`${path}.1`)
  unlinkSync(join(directory, 'second'))
  expect((await file.stat()).unlinked).toBe(true)
  await file.close()
  await file.close()
  await expect(file.read(into, 0)).rejects.toSatisfy(coded('invalid'))
})

test('env.fs lists folders, reads links and file systems, and finds nothing where nothing is', async () => {
  const { env } = await openEnv(['fs.read'])
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'b'), '')
  symlinkSync('b', join(directory, 'a'))
  expect(await env.fs.list(directory)).toEqual(['a', 'b'])
  expect(await env.fs.readlink(join(directory, 'a'))).toBe('b')
  expect((await env.fs.stat(directory))!.isDirectory).toBe(true)
  expect(await env.fs.stat(join(directory, 'c'))).toBeUndefined()
  expect((await env.fs.statfs(directory)).blocks).toBeGreaterThan(0)
})

test('env.watch calls back when a file is written, replaced or made', async () => {
  const { env } = await openEnv(['fs.watch'])
  const path = join(temporaryDirectory(), 'log')
  writeFileSync(path, 'one')
  const abort = new AbortController()
  let changed: () => void = () => {}
  env.watch.watch(path, () => changed(), { signal: abort.signal })
  const next = () =>
    new Promise<void>((resolve) => {
      changed = resolve
    })
  for (const change of [
    () => appendFileSync(path, 'two'),
    () => renameSync(path, `${path}.1`),
    () => writeFileSync(path, 'new'),
  ]) {
    const called = next()
    change()
    await called
  }
  abort.abort()
})
