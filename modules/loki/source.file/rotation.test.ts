import { appendFile, copyFile, mkdtemp, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delivered } from '@ingot/sdk'
import { runComponent, until } from '@ingot/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import sourceFile from './component.ts'
import { afterLines, folder, realFiles, start } from './testing/tail.ts'

test('loki.source.file follows a file that is renamed and written on, and its successor', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\n')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  await afterLines(run, env, 1)
  await rename(path, `${path}.1`)
  await appendFile(`${path}.1`, 'two\n')
  await writeFile(path, 'three\n')
  await afterLines(run, env, 3, 0)
  // Writers notice a rotation late, and may leave a line without its newline.
  await appendFile(`${path}.1`, 'four\nfive')
  expect((await afterLines(run, env, 5)).sort()).toEqual(['five', 'four', 'one', 'three', 'two'])
  run.ledger.balance()
})

test('loki.source.file reads each line once when a pattern finds the rotated files too', async () => {
  const directory = await folder()
  const path = join(directory, 'a.log')
  await writeFile(path, 'one\n')
  const args = { targets: [{ __path__: `${directory}/*.log*` }], file_match: { enabled: true, sync_period: '500ms' } }
  const { run, env } = await start(args)
  await afterLines(run, env, 1)
  await rename(path, `${path}.1`)
  await writeFile(path, 'two\n')
  expect(await afterLines(run, env, 2)).toEqual(['one', 'two'])
  await rename(`${path}.1`, `${path}.2`)
  await rename(path, `${path}.1`)
  await writeFile(path, 'three\n')
  expect(await afterLines(run, env, 3)).toEqual(['one', 'two', 'three'])
})

test('loki.source.file starts over when a file is truncated, copied or overwritten', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\ntwo\n')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  await afterLines(run, env, 2)
  await copyFile(path, `${path}.1`)
  await truncate(path)
  await afterLines(run, env, 2)
  await appendFile(path, 'a\n')
  expect(await afterLines(run, env, 3)).toEqual(['one', 'two', 'a'])
  // Longer than before when it is looked at: only the first bytes tell.
  await writeFile(path, 'another beginning\nb\n')
  expect(await afterLines(run, env, 5)).toEqual(['one', 'two', 'a', 'another beginning', 'b'])
  // As long as before: only the time of the last write tells that there is something to look at.
  await writeFile(path, 'a third text begins\n')
  expect((await afterLines(run, env, 6)).at(-1)).toBe('a third text begins')
})

test('loki.source.file notices a truncation that comes before the acknowledgement of what was read', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, '')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  let acknowledge = (): void => {}
  run.outputs['forward_to']!.outcome = () =>
    new Promise((resolve) => {
      acknowledge = () => resolve(delivered)
    })
  await appendFile(path, 'one\ntwo\n')
  await afterLines(run, env, 2, 0)
  // The remote has the lines, and its answer is still on its way, when the file begins anew and outgrows what was read.
  await writeFile(path, 'another beginning\nb\n')
  run.outputs['forward_to']!.outcome = () => delivered
  acknowledge()
  expect(await afterLines(run, env, 4)).toEqual(['one', 'two', 'another beginning', 'b'])
  run.ledger.balance()
})

test('loki.source.file reads a file that was deleted and made anew', async () => {
  const path = join(await folder(), 'a.log')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  for (let i = 0; i < 4; i++) await env.clock.advance(250)
  await writeFile(path, 'one\n')
  await afterLines(run, env, 1)
  await unlink(path)
  for (let i = 0; i < 30; i++) await env.clock.advance(250)
  await writeFile(path, 'one\ntwo\n')
  expect(await afterLines(run, env, 3)).toEqual(['one', 'one', 'two'])
})

test('loki.source.file finishes a file that was rotated while it was stopped', async () => {
  const path = join(await folder(), 'a.log')
  await writeFile(path, 'one\n')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  await afterLines(run, env, 1)
  await run.stop()
  await appendFile(path, 'two\n')
  await rename(path, `${path}-20261122`)
  await writeFile(path, 'three\n')
  await run.restart()
  expect((await afterLines(run, env, 3)).sort()).toEqual(['one', 'three', 'two'])
})

test('loki.source.file emits every line of any writing exactly once, through rotations of both kinds', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write'), text: fc.stringMatching(/^[a-z\n]{0,40}$/) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename'), text: fc.constant('') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate'), text: fc.constant('') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), text: fc.constant('') }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const directory = await mkdtemp(join(tmpdir(), 'tail-'))
      const path = join(directory, 'a.log')
      await writeFile(path, '')
      const env = realFiles()
      const run = await runComponent(sourceFile, { args: { targets: [{ __path__: path }] }, env })
      let serial = 0
      const wanted: string[] = []
      let open = false
      const write = async (text: string) => {
        // Each line is unlike all others, so that a lost and a doubled one cannot make up for each other.
        for (const piece of text.split(/(?<=\n)/)) {
          const numbered = open ? piece : `${serial++}:${piece}`
          await appendFile(path, numbered)
          if (open) wanted[wanted.length - 1] += piece.replace('\n', '')
          else wanted.push(numbered.replace('\n', ''))
          open = !numbered.endsWith('\n')
        }
      }
      for (const { kind, text } of steps) {
        if (kind === 'write') await write(text)
        else if (kind === 'restart') await run.restart()
        else {
          if (open) await write('\n')
          await afterLines(run, env, wanted.length)
          if (kind === 'truncate') await truncate(path)
          else {
            await rename(path, `${path}.${serial++}`)
            await writeFile(path, '')
          }
          await env.clock.advance(250)
        }
        if (serial % 2 === 0) await env.clock.advance(250)
      }
      if (open) await write('\n')
      expect((await afterLines(run, env, wanted.length)).sort()).toEqual(wanted.sort())
      await run.stop()
      await rm(directory, { recursive: true })
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('loki.source.file loses and doubles nothing of a writer that writes and renames all the time', async () => {
  const path = join(await folder(), 'a.log')
  const { run, env } = await start({ targets: [{ __path__: path }] })
  const wanted = Array.from({ length: 6000 }, (_, i) => `line ${i} ${'x'.repeat(i % 300)}`)
  let written = 0
  let looks = 0
  const writer = (async () => {
    while (written < wanted.length) {
      const next = Math.min(wanted.length, written + 1 + (written % 97))
      const text = wanted.slice(written, next).join('\n')
      // Newlines come late, so that the reader often sees the beginning of a line.
      await appendFile(path, text)
      await appendFile(path, '\n')
      written = next
      if (written % 5 > 0) continue
      await rename(path, `${path}.${written}`)
      await writeFile(path, '')
      // A file that came and went between two looks is never seen: rotations are slower than that.
      const enough = looks + 3
      await until(() => looks >= enough, 'three looks')
    }
  })()
  const running = { writer: true }
  void writer.finally(() => (running.writer = false))
  while (running.writer) {
    await env.clock.advance(250)
    looks++
  }
  expect((await afterLines(run, env, wanted.length)).sort()).toEqual(wanted.sort())
  run.ledger.balance()
})
