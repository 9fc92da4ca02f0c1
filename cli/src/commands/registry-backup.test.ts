import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openRegistry } from '@ingot/registry-server'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The exit status of `ingot registry …`, and everything that it said. */
function ingotRegistry(cwd: string, ...args: string[]): Promise<readonly [number, string]> {
  return new Promise((done) => {
    execFile(process.execPath, [main, 'registry', ...args], { cwd }, (error, out, err) =>
      done([error ? Number(error.code) : 0, out + err]),
    )
  })
}

test('ingot registry backup, restore and check', { timeout: 60_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-cli-backup-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await (await openRegistry({ dataDir: join(dir, 'old'), url: 'http://registry.test' })).close()

  expect(await ingotRegistry(dir, 'backup', 'kept', '--data', 'old')).toEqual([
    0,
    'backed up 1 facts and 0 modules, of which the folder lacked 0\n',
  ])
  // What an interrupted backup leaves is no module.
  await mkdir(join(dir, 'kept/blobs/sha512'), { recursive: true })
  await writeFile(join(dir, 'kept/blobs/sha512/abc.tmp'), 'half')
  expect(await ingotRegistry(dir, 'restore', 'kept', '--data', 'new')).toEqual([0, 'restored 1 facts and 0 modules\n'])
  expect(await ingotRegistry(dir, 'check', '--data', 'new')).toEqual([
    0,
    'checked 0 events, 0 versions and 0 modules\n',
  ])
  const [status, said] = await ingotRegistry(dir, 'check', '--data', 'elsewhere')
  expect([status, said]).toEqual([1, expect.stringMatching(/Cannot find a registry in ".*elsewhere"/)])
})
