import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { makeSocketFolder, sweepSocketFolders } from './socket-folder.ts'

const module = fileURLToPath(new URL('socket-folder.ts', import.meta.url))

/** The folder that another process made, and that process. */
async function elsewhere() {
  const code = `import { makeSocketFolder } from ${JSON.stringify(module)}
    process.stdout.write(await makeSocketFolder())
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [folder] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, folder: folder.toString() }
}

test('sweepSocketFolders() removes the folders of killed processes and no others', async () => {
  const own = await makeSocketFolder()
  const foreign = mkdtempSync(own.slice(0, own.lastIndexOf('/')) + '/ingot-')
  onTestFinished(() => {
    rmSync(own, { recursive: true })
    rmSync(foreign, { recursive: true })
  })
  const running = await elsewhere()
  const killed = await elsewhere()
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  expect(existsSync(killed.folder)).toBe(true)
  await sweepSocketFolders()
  expect([own, foreign, running.folder, killed.folder].map((folder) => existsSync(folder))).toEqual([
    true,
    true,
    true,
    false,
  ])
  running.child.kill('SIGKILL')
  await once(running.child, 'exit')
  await sweepSocketFolders()
})
