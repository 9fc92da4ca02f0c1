import { appendFile, link, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { delivered, dropped, refused } from '@ingot/sdk'
import { lineBytes, type LogsBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, testComponent, until } from '@ingot/testing'
import { expect, test } from 'vitest'
import sourceFile from './component.ts'
import { afterLines, folder, linesOf, realFiles, start } from './testing/tail.ts'

testComponent(
  sourceFile,
  {
    args: { targets: [{ __path__: '/var/log/a.log' }] },
    env: () => fakeEnv({ files: { '/var/log/a.log': 'one\ntwo\n' } }),
  },
  { test },
)

test('loki.source.file emits whole lines with the labels of the target and the file name, each at its own time', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\r\ntwo\n\nlast')
  const { run, env } = await start({ targets: [{ __path__: path, app: 'x', __meta: 'no' }] })
  expect(await afterLines(run, env, 3)).toEqual(['one', 'two', ''])
  await appendFile(path, ' line\nnext\n')
  expect(await afterLines(run, env, 5)).toEqual(['one', 'two', '', 'last line', 'next'])
  const batches = run.outputs['forward_to']!.batches as LogsBatch[]
  expect(batches[0]!.streams[0]!.toObject()).toEqual({ app: 'x', filename: path })
  const times = batches.flatMap((batch) =>
    Array.from(batch.seconds, (seconds, i) => `${seconds}.${String(batch.nanos[i]).padStart(9, '0')}`),
  )
  expect(new Set(times).size).toBe(5)
  expect(times).toEqual([...times].sort())
  run.ledger.balance()
})

test('loki.source.file reads a linked file under both names', async () => {
  const directory = await folder()
  await writeFile(join(directory, 'a.log'), 'one\n')
  await link(join(directory, 'a.log'), join(directory, 'b.log'))
  const { run, env } = await start({
    targets: [{ __path__: join(directory, 'a.log') }, { __path__: join(directory, 'b.log') }],
  })
  expect(await afterLines(run, env, 2)).toEqual(['one', 'one'])
})

test('loki.source.file moves its position only with the outcome, and goes on there after a restart', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\n')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  await afterLines(run, env, 1)
  const output = run.outputs['forward_to']!
  output.outcome = refused('full')
  await appendFile(path, 'two\n')
  await afterLines(run, env, 2)
  expect(new Set(linesOf(run).slice(1))).toEqual(new Set(['two']))
  const before = output.batches.length
  await run.restart()
  run.outputs['forward_to']!.outcome = dropped('unwanted')
  await afterLines(run, env, before + 1)
  expect(linesOf(run).slice(before)).toEqual(['two'])
  await run.restart()
  await appendFile(path, 'three\n')
  await afterLines(run, env, before + 2)
  expect(linesOf(run).slice(before)).toEqual(['two', 'three'])
})

test('loki.source.file sends a refused batch again, unchanged and once it is taken only once', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\n')
  let refusals = 3
  const env = realFiles()
  const run = await runComponent(sourceFile, { args: { targets: [{ __path__: path }] }, env })
  run.outputs['forward_to']!.outcome = () => (refusals-- > 0 ? refused('busy', 50) : delivered)
  await afterLines(run, env, 4)
  expect(linesOf(run)).toEqual(['one', 'one', 'one', 'one'])
  expect(new Set(run.outputs['forward_to']!.batches).size).toBe(1)
  run.ledger.balance()
  expect(run.ledger.snapshot.out).toBe(1)
  await run.stop()
})

test('loki.source.file bounds what is on its way, and waits for deliveries', async () => {
  const path = join(await folder(), 'a.log')
  const line = 'x'.repeat(1023)
  await writeFile(path, `${line}\n`.repeat(20_000))
  const env = realFiles()
  const run = await runComponent(sourceFile, { args: { targets: [{ __path__: path }] }, env })
  const waiting: (() => void)[] = []
  run.outputs['forward_to']!.outcome = () => new Promise((resolve) => waiting.push(() => resolve(delivered)))
  await until(() => linesOf(run).length > 7000)
  for (let i = 0; i < 10; i++) await env.clock.advance(250)
  expect(linesOf(run).length).toBeLessThan(9 * 1024)
  await until(async () => {
    for (const settle of waiting.splice(0)) settle()
    await env.clock.advance(250)
    return linesOf(run).length === 20_000
  })
  for (const settle of waiting.splice(0)) settle()
  await run.stop()
})

test('loki.source.file leaves the memory of a batch alone until it is settled', async () => {
  const path = join(await folder(), 'a.log')
  const lines = Array.from({ length: 40_000 }, (_, i) => `${i} ${'x'.repeat(i % 200)}`)
  await writeFile(path, `${lines.join('\n')}\n`)
  const env = realFiles()
  const run = await runComponent(sourceFile, { args: { targets: [{ __path__: path }] }, env })
  const texts = (batch: LogsBatch) =>
    Array.from({ length: batch.count }, (_, i) => new TextDecoder().decode(lineBytes(batch, i)))
  const found: string[] = []
  const waiting: (() => void)[] = []
  run.outputs['forward_to']!.outcome = async (batch) => {
    const before = texts(batch as LogsBatch)
    await new Promise<void>((resolve) => waiting.push(resolve))
    expect(texts(batch as LogsBatch)).toEqual(before)
    found.push(...before)
    return delivered
  }
  // Settled one by one, while others wait: what is read next goes into the memory of those that were.
  await until(async () => {
    waiting.pop()?.()
    await env.clock.advance(250)
    return found.length >= lines.length
  })
  expect(found.length).toBe(lines.length)
  expect(new Set(found)).toEqual(new Set(lines))
  await run.stop()
})

test('loki.source.file reads from the end when told so, but goes on from a position', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'old\nhalf')
  const { run, env } = await start({ targets: [{ __path__: path }], tail_from_end: true })
  await until(() => env.state.keys().length > 0, 'a position')
  await appendFile(path, ' done\n')
  expect(await afterLines(run, env, 1)).toEqual(['half done'])
  await run.stop()
  await appendFile(path, 'while stopped\n')
  await run.restart()
  expect(await afterLines(run, env, 2)).toEqual(['half done', 'while stopped'])
})

test('loki.source.file reads UTF-16 with a byte-order mark and ISO-8859-1', async () => {
  const directory = await folder()
  const text = 'grüße 日本 😀\r\nÖ\u0a0d\u0d0a\n'
  const little = Buffer.from(`\ufeff${text}`, 'utf16le')
  await writeFile(join(directory, 'le'), little)
  await writeFile(join(directory, 'be'), Buffer.from(little).swap16())
  await writeFile(join(directory, 'latin'), Buffer.from('grüße\n', 'latin1'))
  for (const [name, encoding, want] of [
    ['le', 'UTF-16', ['grüße 日本 😀', 'Ö\u0a0d\u0d0a']],
    ['be', 'utf-16', ['grüße 日本 😀', 'Ö\u0a0d\u0d0a']],
    ['be', 'utf-16be', ['grüße 日本 😀', 'Ö\u0a0d\u0d0a']],
    ['latin', 'ISO-8859-1', ['grüße']],
  ] as const) {
    const { run, env } = await start({ targets: [{ __path__: join(directory, name) }], encoding })
    expect(await afterLines(run, env, want.length)).toEqual(want)
  }
})

test('loki.source.file reads a gzip file once, and refuses other formats', async () => {
  const path = join(await folder(), 'a.gz')
  await writeFile(path, gzipSync('one\ntwo\nthree'))
  const args = (format: string) => ({ targets: [{ __path__: path }], decompression: { enabled: true, format } })
  const { run, env } = await start(args('gz'))
  expect(await afterLines(run, env, 3)).toEqual(['one', 'two', 'three'])
  await run.restart()
  for (let i = 0; i < 100; i++) await env.clock.advance(250)
  expect(linesOf(run)).toHaveLength(3)
  await expect(runComponent(sourceFile, { args: args('bz2') })).rejects.toThrow(
    'is not supported by Ingot: want \\"gz\\"',
  )
})

test('loki.source.file hands a line beyond its bound on in pieces', async () => {
  const path = join(await folder(), 'a.log')
  const long = 'abcdefgh'.repeat(700_000)
  await writeFile(path, `${long}\nshort\n`)
  const { run, env } = await start({ targets: [{ __path__: path }] })
  const lines = await afterLines(run, env, 3)
  expect(lines.at(-1)).toBe('short')
  expect(lines.slice(0, -1).join('')).toBe(long)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(4 * 2 ** 20)
})

test('loki.source.file reads only the files that it owns, and lets go of others', async () => {
  const directory = await folder()
  for (const name of ['a', 'b']) await writeFile(join(directory, name), `${name}1\n`)
  const env = realFiles()
  env.peers.setOwner((key) => key.endsWith('a'))
  const { run } = await start(
    { targets: [{ __path__: join(directory, 'a') }, { __path__: join(directory, 'b') }] },
    env,
  )
  expect(await afterLines(run, env, 1)).toEqual(['a1'])
  env.peers.setOwner((key) => key.endsWith('b'))
  await until(async () => {
    await env.clock.advance(250)
    return linesOf(run).length === 2
  })
  await appendFile(join(directory, 'a'), 'a2\n')
  await appendFile(join(directory, 'b'), 'b2\n')
  expect(await afterLines(run, env, 3)).toEqual(['a1', 'b1', 'b2'])
})

test('loki.source.file does with an unreadable position what it is told', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'old\n')
  const key = JSON.stringify([path, `filename\u0000${path}`])
  for (const [action, want] of [
    ['restart_from_beginning', ['old', 'new']],
    ['restart_from_end', ['new']],
    ['skip', []],
  ] as const) {
    await writeFile(path, 'old\n')
    const env = realFiles()
    env.state.values.set(key, 'garbage')
    const { run } = await start({ targets: [{ __path__: path }], on_positions_file_error: action }, env)
    if (action !== 'skip') await until(() => env.state.get(key) !== 'garbage', 'a new position')
    await appendFile(path, 'new\n')
    expect(await afterLines(run, env, want.length)).toEqual(want)
    await run.stop()
  }
})

test('loki.source.file takes over the positions of another collector', async () => {
  const directory = await folder()
  const path = join(directory, 'a.log')
  await writeFile(path, 'one\ntwo\n')
  await writeFile(join(directory, 'positions.yml'), `positions:\n  ${path}: "4"\n  journal-x: s=1\n`)
  const { run, env } = await start({
    targets: [{ __path__: path }],
    legacy_positions_file: join(directory, 'positions.yml'),
  })
  expect(await afterLines(run, env, 1)).toEqual(['two'])
})
