/** What an untrusted component tries with the files that it may read, on a real file system. */
import { linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCapabilityError, type FileReader } from '@ingot/sdk'
import { describe, expect, test } from 'vitest'
import { openEnv, temporaryDirectory } from '../test-env.ts'

const secret = 'canary-of-the-host'

/** A folder that may be read, `root`, beside one that may not. */
async function prepare() {
  const dir = temporaryDirectory()
  for (const name of ['root', 'root/sub', 'outside']) mkdirSync(join(dir, name))
  writeFileSync(join(dir, 'root/a.txt'), 'inside')
  writeFileSync(join(dir, 'outside/key'), secret)
  const links: Readonly<Record<string, string>> = {
    file: join(dir, 'outside/key'),
    folder: join(dir, 'outside'),
    relative: '../outside/key',
    chain: 'to-file',
    process: '/proc/self/environ',
    self: '/proc/self/root',
    device: '/dev/zero',
    loop: 'to-loop',
  }
  for (const [name, to] of Object.entries(links)) symlinkSync(to, join(dir, 'root', `to-${name}`))
  const opened = await openEnv(
    { 'fs.read': [{ why: 'reads', values: ['/*'] }], 'fs.watch': [{ why: 'watches', values: ['/*'] }] },
    {
      trusted: false,
      dataDir: join(dir, 'data'),
      grant: { fs_read: [join(dir, 'root')], fs_watch: [join(dir, 'root')] },
    },
  )
  return { ...opened, dir }
}

const calls: Readonly<Record<string, (fs: FileReader, path: string) => Promise<unknown>>> = {
  read: (fs, path) => fs.read(path),
  readText: (fs, path) => fs.readText(path),
  stat: (fs, path) => fs.stat(path),
  open: (fs, path) => fs.open(path),
  list: (fs, path) => fs.list(path),
  statfs: (fs, path) => fs.statfs(path),
}

describe.each(Object.entries(calls))('env.fs.%s()', (_, call) => {
  const paths: Readonly<Record<string, (dir: string) => string>> = {
    'a path beside the root': (dir) => join(dir, 'outside/key'),
    'a path that only begins like the root': (dir) => `${dir}/root/../outside/key`,
    'a path through a folder and back': (dir) => `${dir}/root/sub/../../outside/key`,
    'a path with doubled slashes': (dir) => `${dir}//root//..//outside//key`,
    'a path that is not absolute': () => '../../etc/passwd',
    'the folder above': (dir) => dir,
    'the root of everything': () => '/',
    'a link to a file': (dir) => `${dir}/root/to-file`,
    'a link to a folder': (dir) => `${dir}/root/to-folder/key`,
    'a link to a folder and back': (dir) => `${dir}/root/to-folder/../outside/key`,
    'a relative link': (dir) => `${dir}/root/to-relative`,
    'a link to a link': (dir) => `${dir}/root/to-chain`,
    'a link to the environment': (dir) => `${dir}/root/to-process`,
    'a link to the root of everything': (dir) => `${dir}/root/to-self/etc/passwd`,
    'a link to a device': (dir) => `${dir}/root/to-device`,
    'the environment': () => '/proc/self/environ',
    'an open file of the collector': () => '/proc/self/fd/0',
    'the memory of the collector': () => '/proc/self/mem',
    'its own path through the root of a process': (dir) => `/proc/self/root${dir}/outside/key`,
  }
  test.each(Object.entries(paths))('is denied %s', async (_name, path) => {
    const { env, dir, counters, logs } = await prepare()
    await expect(call(env.fs, path(dir))).rejects.toSatisfy((error) => isCapabilityError(error, 'denied'))
    expect([counters['fs.read']!.denied, logs.length]).toEqual([1, 1])
  })

  test.each([
    ['a NUL', (dir: string) => `${dir}/root/a.txt\0.log`, 'invalid'],
    ['no text', () => 5 as unknown as string, 'invalid'],
    ['nothing', () => '', 'invalid'],
    ['more than a path can have', (dir: string) => `${dir}/root/${'a/'.repeat(4096)}`, 'invalid'],
    ['a link to itself', (dir: string) => `${dir}/root/to-loop`, 'io'],
    ['an encoded path, which is a name', (dir: string) => `${dir}/root/%2e%2e/outside/key`, 'not_found'],
  ])('does not take %s', async (_name, path, code) => {
    const { env, dir } = await prepare()
    const outcome = call(env.fs, path(dir)).then(
      (value) => (value === undefined ? 'not_found' : 'answered'),
      (error: { code: string }) => error.code,
    )
    expect(await outcome).toBe(code)
  })
})

test('a link that is swapped while it is used never leads out', async () => {
  const { env, dir } = await prepare()
  const swapped = join(dir, 'root/swapped')
  let on = true
  const swap = (async () => {
    for (let i = 0; on; i++) {
      symlinkSync(join(dir, i % 2 === 0 ? 'outside' : 'root/sub'), `${swapped}.next`)
      renameSync(`${swapped}.next`, swapped)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  writeFileSync(join(dir, 'root/sub/key'), 'inside')
  const seen = new Set<unknown>()
  const note = (value: Promise<unknown>): Promise<unknown> =>
    value.then(
      (one) => seen.add(JSON.stringify(one)),
      (error: { code: string }) => seen.add(error.code),
    )
  writeFileSync(join(dir, 'outside/only-outside'), '')
  for (let i = 0; i < 300; i++)
    await Promise.all([
      note(env.fs.readText(join(swapped, 'key'))),
      note(env.fs.list(swapped)),
      note(env.fs.glob(`${swapped}/*`)),
    ])
  on = false
  await swap
  const all = [...seen].join('\n')
  expect(all).not.toContain(secret)
  expect(all).not.toContain('only-outside')
  expect(seen).toContain('"inside"')
  expect(seen).toContain('denied')
})

test('a hard link in a granted root is content of it: only who may write there can make one', async () => {
  const { env, dir } = await prepare()
  linkSync(join(dir, 'outside/key'), join(dir, 'root/linked'))
  expect(await env.fs.readText(join(dir, 'root/linked'))).toBe(secret)
})

test('a watch that would follow a link out is denied', async () => {
  const { env, dir, counters } = await prepare()
  const watch = (path: string): void => env.watch.watch(join(dir, path), () => {}, { signal: AbortSignal.timeout(1) })
  for (const path of ['outside/key', 'root/to-file', 'root/to-folder', 'root/to-folder/new', 'root/../outside'])
    expect(() => watch(path)).toThrow('denied')
  watch('root/a.txt')
  watch('root/that-comes-later')
  expect(counters['fs.watch']!.denied).toBe(5)
})

test('a bound beyond what may be had is cut, and a device gives nothing', async () => {
  const { env, dir } = await prepare()
  writeFileSync(join(dir, 'root/large'), Buffer.alloc(2 * 2 ** 20))
  const read = env.fs.read(join(dir, 'root/large'), { bytesMax: 1e15 })
  await expect(read).rejects.toSatisfy((error) => isCapabilityError(error, 'too_large'))
  unlinkSync(join(dir, 'root/large'))
  const bomb = `${dir}/root/${'{a,b}'.repeat(20)}`
  await expect(env.fs.glob(bomb)).rejects.toSatisfy((error) => isCapabilityError(error, 'invalid'))
})
