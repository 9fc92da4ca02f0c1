import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GitImport } from '@ingot/loader'
import { expect, onTestFinished, test } from 'vitest'
import { GitOrigin } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { ServerProcess, until } from '../servers/process.ts'

/** Enough for a kill to hit a clone, a fetch and a checkout. */
const rounds = 12

test(
  'a clone is whole again after its process was killed, whenever that was',
  { timeout: 120_000 },
  async (context) => {
    requireServer('git', context)
    const origin = GitOrigin.make({ 'lib.alloy': 'first' })
    for (let i = 0; i < 200; i++) origin.commit({ [`parts/${i}.alloy`]: `${i}`.repeat(1000) })
    const folder = mkdtempSync(join(tmpdir(), 'ingot-killed-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const program = join(import.meta.dirname, 'follow-repository.ts')
    for (let round = 0; round < rounds; round++) {
      const text = `round ${round}`
      const commit = origin.commit({ 'lib.alloy': text, 'parts/0.alloy': text.repeat(10_000) })
      const follower = new ServerProcess(process.execPath, [program, `file://${origin.path}`, folder])
      onTestFinished(() => follower.stop('SIGKILL'))
      await until(() => follower.output.includes('started'), 'the follower to start')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
      await follower.stop('SIGKILL')
      const own = new GitImport({ repository: `file://${origin.path}`, revision: 'main', path: 'lib.alloy' }, folder)
      const found = await own.fetch()
      expect([found.commit, Buffer.from(found.files[0]!.bytes).toString()]).toEqual([commit, text])
      await own.place(commit)
      expect(readFileSync(join(own.root, 'lib.alloy'), 'utf8')).toBe(text)
      expect(readFileSync(join(own.root, 'parts/199.alloy'), 'utf8')).toBe('199'.repeat(1000))
    }
  },
)
