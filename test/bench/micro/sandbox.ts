/**
 * What a sandbox costs: a batch's way through a runner and back, the lane's and control's share of CPU, the start of a
 * runner and its replacement. `node test/bench/micro/sandbox.ts`
 */
import { delivered, type Env } from '@ingot/sdk'
import { Instance, type HostLedger, type InstanceHost } from '@ingot/sdk/host'
import { packModule } from '@ingot/loader'
import { RunnerInstance, RunnerSupervisor, resolveLimits, type RunnerExit } from '@ingot/sandbox'
import { Labels, type Batch, type LogsBatch } from '@ingot/telemetry'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const roundsMs = 1_500
const kills = 10
const starts = 7
const here = path.dirname(fileURLToPath(import.meta.url))
const echoCode = `export default { arguments: { parse: (value) => value }, run({ args, receive }) { receive('receiver', (batch) => args.forward_to.emit(batch)) } }`

const frame = { value: { forward_to: null }, outputs: [{ path: ['forward_to'], receivers: [] }], secrets: [] } as const
const dir = await mkdtemp(path.join(os.tmpdir(), 'ingot-bench-'))
const exits: RunnerExit[] = []
const supervisor = await RunnerSupervisor.open({ cacheDir: dir, onExit: (exit) => exits.push(exit) })
console.log(`confinement: ${JSON.stringify(supervisor.confinement)}`)
const redactCode = await bundleOf(path.join(here, '../../../examples/modules/redact'))
await benchStarts()
await benchRounds('echo', echoCode)
await benchRounds('redact', redactCode)
await benchInProcess()
await benchKills()
await supervisor.close()
await rm(dir, { recursive: true, force: true })

async function benchRounds(name: string, code: string): Promise<void> {
  const component = await start(name, code)
  for (const bytes of [64 * 1024, 1024 * 1024]) {
    const batch = logsOf(bytes)
    for (let i = 0; i < 20; i++) await component.receive('receiver', batch)
    const [pid] = supervisor.pids().assigned
    const times: number[] = []
    const runnerBefore = cpuOf(pid!)
    const before = process.cpuUsage()
    const start = performance.now()
    while (performance.now() - start < roundsMs) {
      const sent = performance.now()
      await component.receive('receiver', batch)
      times.push(performance.now() - sent)
    }
    const { user, system } = process.cpuUsage(before)
    const own = (user + system) / 1_000 / times.length
    const runner = (cpuOf(pid!) - runnerBefore) / times.length
    print(
      `${name}: round trip of ${bytes / 1024} KiB`,
      `${median(times)} ms`,
      `parent CPU ${own.toFixed(2)} ms, runner CPU ${runner.toFixed(2)} ms a batch`,
    )
  }
  await component.stop(1_000)
}

/** The same component in this thread, as a lane runs it. */
async function benchInProcess(): Promise<void> {
  const url = `data:text/javascript;base64,${Buffer.from(redactCode).toString('base64')}`
  const { default: definition } = (await import(url)) as { default: ConstructorParameters<typeof Instance>[0] }
  const instance = new Instance(definition, host('redact.lane'))
  instance.start(frame, () => {})
  const batch = logsOf(1024 * 1024)
  for (let i = 0; i < 20; i++) await instance.receive('receiver', batch)
  const times: number[] = []
  const before = process.cpuUsage()
  const start = performance.now()
  while (performance.now() - start < roundsMs) {
    const sent = performance.now()
    await instance.receive('receiver', batch)
    times.push(performance.now() - sent)
  }
  const { user, system } = process.cpuUsage(before)
  const megabytes = (batch.arena.length * times.length) / (user + system)
  print('redact in the lane itself, 1024 KiB', `${median(times)} ms`, `${megabytes.toFixed(0)} MB per CPU-second`)
}

async function benchStarts(): Promise<void> {
  const warm: number[] = []
  const cold: number[] = []
  for (let i = 0; i < starts; i++) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    warm.push(await startMs(`warm${i}`))
    cold.push(await startMs(`cold${i}`))
  }
  print('start of a component, blank runner at hand', `${median(warm)} ms`, '')
  print('start of a component, runner spawned for it', `${median(cold)} ms`, '')
}

async function startMs(id: string): Promise<number> {
  const begin = performance.now()
  const component = await start(id, echoCode)
  const ms = performance.now() - begin
  await component.stop(1_000)
  return ms
}

async function benchKills(): Promise<void> {
  const component = await start('killed', echoCode)
  const batch = logsOf(64 * 1024)
  const times: number[] = []
  for (let i = 0; i < kills; i++) {
    await component.receive('receiver', batch)
    await new Promise((resolve) => setTimeout(resolve, 400))
    const known = exits.length
    process.kill(supervisor.pids().assigned[0]!, 'SIGKILL')
    const begin = performance.now()
    while (exits.length === known) await new Promise((resolve) => setImmediate(resolve))
    await component.receive('receiver', batch)
    times.push(performance.now() - begin)
  }
  print('kill → next good batch', `${median(times)} ms`, `max ${Math.max(...times).toFixed(1)} ms`)
  await component.stop(1_000)
}

async function start(id: string, code: string): Promise<RunnerInstance> {
  const bytes = Buffer.from(code)
  const component = new RunnerInstance(host(`bench.${id}`), {
    code: bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    capabilities: [],
    // Back-off and CPU share would be what is measured.
    limits: resolveLimits({ hardKillsMax: 1_000, killWindowMs: 1, cpuShare: 1 }),
    control: supervisor,
    quarantineDir: path.join(dir, 'quarantine'),
  })
  await component.start(frame, () => {})
  return component
}

function host(id: string): InstanceHost {
  const nothing = (): void => {}
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const ledger = new Proxy({}, { get: () => nothing }) as HostLedger
  return {
    id,
    env: {
      log,
      metrics: {},
      text: { decode: (b: Uint8Array) => Buffer.from(b).toString(), encode: (t: string) => Buffer.from(t) },
    } as unknown as Env,
    ledger,
    output: () => ({ emit: async (_batch: Batch) => delivered, receivers: 1 }),
    exportsChanged: nothing,
    healthChanged: nothing,
  }
}

/** Web server lines of about 200 bytes; every tenth holds something to mask. */
function logsOf(bytes: number): LogsBatch {
  const lines: Buffer[] = []
  for (let size = 0, i = 0; size < bytes; i++) {
    const secret = i % 10 === 0 ? ' card=4111111111111111 user=jo@example.org' : ''
    const line = Buffer.from(
      `10.${i % 256}.0.1 - - [22/Nov/2026:12:00:${10 + (i % 50)} +0000] "GET /api/items/${i} HTTP/1.1" 200 ${1000 + i} "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0" rt=0.${i % 1000}${secret}`,
    )
    lines.push(line)
    size += line.length
  }
  const starts = new Uint32Array(lines.length)
  const ends = new Uint32Array(lines.length)
  let at = 0
  lines.forEach((line, i) => {
    starts[i] = at
    ends[i] = at += line.length
  })
  const count = lines.length
  return {
    type: 'loki.logs',
    count,
    arena: new Uint8Array(Buffer.concat(lines)),
    starts,
    ends,
    streamIds: new Uint32Array(count),
    streams: [Labels.from([['job', 'bench']])],
    seconds: new Float64Array(count),
    nanos: new Uint32Array(count),
  }
}

async function bundleOf(moduleDir: string): Promise<string> {
  const { files, manifest } = await packModule(moduleDir)
  const { entry } = manifest.components[0]!
  return Buffer.from(files.find(({ path }) => path === entry)!.bytes).toString()
}

function cpuOf(pid: number): number {
  const text = process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function median(values: readonly number[]): string {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!.toFixed(2)
}

function print(what: string, value: string, more: string): void {
  console.log(`${what.padEnd(48)} ${value.padStart(12)}  ${more}`)
}
