/** What the launch line does to a runner, read from the system. */
import { createServer, type AddressInfo } from 'node:net'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeCompromisedRunner } from './hostile/compromised-runner.ts'
import { SandboxFixture, until } from './testing/sandbox-fixture.ts'

let dir: string
let fixture: SandboxFixture
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ingot-launch-'))
  const main = await writeCompromisedRunner(dir)
  fixture = await SandboxFixture.open({ program: { dir, main, prelude: '', addon: '' } })
})
afterAll(async () => {
  await fixture.close()
  fs.rmSync(dir, { recursive: true, force: true })
})

/** A started runner's part of /proc. */
async function startedRunner(code = '') {
  const component = fixture.make(code)
  await component.start()
  const pid = fixture.supervisor.pids().assigned.at(-1)!
  return { component, pid, read: (file: string) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8') }
}

test('a runner is nice, the first to go when memory is short, and has an empty folder and environment', async () => {
  const { read, pid } = await startedRunner()
  expect([os.getPriority(pid), read('oom_score_adj').trim()]).toEqual([5, '1000'])
  expect(read('environ').split('\0').filter(Boolean).toSorted()).toEqual([
    'LANG=C',
    'MALLOC_MMAP_THRESHOLD_=33554432',
    'MALLOC_TRIM_THRESHOLD_=33554432',
    'TZ=UTC',
  ])
  expect(fs.readdirSync(`/proc/${pid}/cwd`)).toEqual([])
  expect(read('cmdline').split('\0')).toEqual(expect.arrayContaining(['--permission', `--allow-fs-read=${dir}`]))
})

test('a runner has no capability and can gain none, where the host lets go of them', async () => {
  const { noPrivileges } = fixture.supervisor.confinement
  const { read } = await startedRunner()
  const status = read('status')
  const lost = ['CapPrm', 'CapEff', 'CapBnd'].every((set) => status.includes(`${set}:\t0000000000000000`))
  expect([lost, /NoNewPrivs:\t1/.test(status)]).toEqual([noPrivileges, noPrivileges])
})

test('a runner reaches no listener of the host, where it has a network of its own', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const { component, pid } = await startedRunner(`
    const socket = world.require('node:net').connect(${port}, '127.0.0.1')
    world.say(await new Promise((resolve) => { socket.on('connect', () => resolve('connected')); socket.on('error', ({ code }) => resolve(code)) }))
    world.settle(id); world.endTurn()`)
  expect(await component.send('a')).toEqual({ status: 'delivered' })
  const { noNetwork } = fixture.supervisor.confinement
  expect([component.logs.at(-1)!.message, connections]).toEqual(noNetwork ? ['ENETUNREACH', 0] : ['connected', 1])
  expect(fs.readlinkSync(`/proc/${pid}/ns/net`) !== fs.readlinkSync('/proc/self/ns/net')).toBe(noNetwork)
  server.close()
})

test('of what a runner writes to its standard error the beginning is kept', async () => {
  const { component } = await startedRunner(
    "world.require('node:fs').writeSync(2, 'x'.repeat(300_000)); world.process.exit(1)",
  )
  void component.send('a')
  await until(() => fixture.exits.length > 0)
  expect(fixture.exits[0]!.stderr).toHaveLength(64 * 1024)
})
