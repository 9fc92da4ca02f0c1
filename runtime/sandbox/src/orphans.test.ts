import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { RunnerSupervisor } from './supervisor/runner-supervisor.ts'
import type { Confinement } from './supervisor/launch.ts'
import { until } from './testing/sandbox-fixture.ts'

const program = fileURLToPath(new URL('testing/spinning-collector.ts', import.meta.url))

/** A process that has ended and is not yet reaped does nothing any more. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Starts a collector with a runner that spins in a builtin, kills it, and tells of its runners. `searchPath`: where it finds the system's tools. */
async function killCollector(searchPath = process.env['PATH']) {
  const cacheDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ingot-orphans-'))
  const env = { ...process.env, PATH: searchPath }
  const collector = spawn(process.execPath, [program, cacheDir], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  collector.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await until(() => text.includes('\n'), 20_000)
  const { pids, spinning, confinement } = JSON.parse(text) as {
    pids: number[]
    spinning: number
    confinement: Confinement
  }
  onTestFinished(() => {
    for (const pid of pids.filter(runs)) process.kill(pid, 'SIGKILL')
    fs.rmSync(cacheDir, { recursive: true, force: true })
  })
  expect(pids.length).toBeGreaterThanOrEqual(2)
  expect(pids.every(runs)).toBe(true)
  collector.kill('SIGKILL')
  await once(collector, 'exit')
  return { cacheDir, pids, spinning, confinement }
}

test('a collector that is killed leaves no runner behind, whatever it was doing', async () => {
  const { pids, confinement } = await killCollector()
  expect(confinement.parentDeath).toBe(true)
  await until(() => !pids.some(runs))
})

test('where the kernel does not end runners with their collector, the next collector does', async () => {
  const { cacheDir, pids, spinning, confinement } = await killCollector('/nowhere')
  expect(confinement).toEqual({ parentDeath: false, noNetwork: false, noPrivileges: false })
  // Those that wait for a frame end with the connection; one in a builtin sees nothing of it.
  await until(() => pids.filter(runs).length === 1)
  expect(runs(spinning)).toBe(true)
  const next = await RunnerSupervisor.open({ cacheDir })
  await until(() => !runs(spinning))
  expect(fs.readdirSync(path.join(cacheDir, 'running'))).toEqual([])
  await next.close()
})
