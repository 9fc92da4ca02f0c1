import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeEnv, runComponent, testComponent, until } from '@ingot/testing'
import { expect, onTestFinished, test } from 'vitest'
import fileMatch from './component.ts'

testComponent(fileMatch, { args: { path_targets: [{ __path__: '/nowhere/*.log' }] } }, { test })

test('local.file_match finds files below directories, leaves excluded and old ones out, and keeps labels', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'match-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await mkdir(join(directory, 'deep/er'), { recursive: true })
  for (const name of ['a.log', 'a.txt', 'deep/er/b.log', 'c.skip.log', 'old.log'])
    await writeFile(join(directory, name), 'x')
  await utimes(join(directory, 'old.log'), 1000, 1000)
  const env = fakeEnv({ realFiles: true, now: Date.now() })
  const args = {
    path_targets: [{ __path__: `${directory}/**/*.log`, __path_exclude__: `${directory}/**/*.skip.log`, app: 'x' }],
    sync_period: '50ms',
    ignore_older_than: '1h',
  }
  const run = await runComponent(fileMatch, { args, env })
  const paths = () =>
    (run.exports['targets'] as Record<string, string>[] | undefined)?.map((target) => target['__path__'])
  await until(() => paths()?.length === 2, 'both files')
  expect(run.exports['targets']).toEqual([
    { __path__: join(directory, 'a.log'), app: 'x' },
    { __path__: join(directory, 'deep/er/b.log'), app: 'x' },
  ])
  await writeFile(join(directory, 'new.log'), 'x')
  await env.clock.advance(50)
  await until(() => paths()?.length === 3, 'the new file')
  await run.stop()
})
