/** One component in a runner or in this thread, for measurements: its world is empty, and what it emits is delivered at once. */
import { delivered, type Env } from '@ingot/sdk'
import { Instance, type HostLedger, type InstanceHost } from '@ingot/sdk/host'
import { resolveLimits, RunnerInstance, type RunnerSupervisor } from '@ingot/sandbox'
import { Labels, type Batch, type LogsBatch } from '@ingot/telemetry'
import { packModule } from '@ingot/loader'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const frame = { value: { forward_to: null }, outputs: [{ path: ['forward_to'], receivers: [] }], secrets: [] } as const

export interface BenchComponent {
  receive(port: string, batch: Batch): Promise<unknown>
  stop(withinMs: number): Promise<boolean>
}

/** What is emitted last, for components that report. */
export const emitted: { last: Batch | undefined } = { last: undefined }

export async function inRunner(
  id: string,
  code: string,
  { supervisor, dir }: { readonly supervisor: RunnerSupervisor; readonly dir: string },
): Promise<BenchComponent> {
  const bytes = Buffer.from(code)
  const component = new RunnerInstance(host(`bench.${id}`), {
    code: bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    capabilities: ['clock', 'env.read'],
    // Back-off and CPU share would be what is measured.
    limits: resolveLimits({
      hardKillsMax: 100,
      killWindowMs: 1,
      cpuShare: 1,
      turnTimeoutMs: 5_000,
      batchDeadlineMs: 10_000,
    }),
    control: supervisor,
    quarantineDir: path.join(dir, 'quarantine'),
    deadLetterDir: path.join(dir, 'dead-letter'),
  })
  await component.start(frame, () => {})
  return component
}

/** As a lane runs it. */
export async function inThisThread(id: string, code: string): Promise<BenchComponent> {
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  const { default: definition } = (await import(url)) as { default: ConstructorParameters<typeof Instance>[0] }
  const instance = new Instance(definition, host(id))
  instance.start(frame, () => {})
  return instance
}

function host(id: string): InstanceHost {
  const nothing = (): void => {}
  const emit = async (batch: Batch): Promise<typeof delivered> => {
    emitted.last = batch
    return delivered
  }
  return {
    id,
    env: {
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      metrics: {},
      vars: { get: () => 'eu' },
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      text: { decode: (b: Uint8Array) => Buffer.from(b).toString(), encode: (t: string) => Buffer.from(t) },
    } as unknown as Env,
    ledger: new Proxy({}, { get: () => nothing }) as HostLedger,
    output: () => ({ emit, receivers: 1 }),
    exportsChanged: nothing,
    healthChanged: nothing,
  }
}

export async function bundleOf(moduleDir: string): Promise<string> {
  const { files, manifest } = await packModule(moduleDir)
  const { entry } = manifest.components[0]!
  return Buffer.from(files.find((file) => file.path === entry)!.bytes).toString()
}

/** Web server lines of about 200 bytes; every tenth holds something to mask. */
export function logsOf(bytes: number): LogsBatch {
  const lines: Buffer[] = []
  for (let size = 0, i = 0; size < bytes; i++) {
    const secret = i % 10 === 0 ? ' card=4111111111111111 user=jo@example.org' : ''
    const line = Buffer.from(
      `{"ip":"10.${i % 256}.0.1","at":"2026-11-22T12:00:${10 + (i % 50)}Z","msg":"GET /api/items/${i} HTTP/1.1${secret}","status":200,"agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0","took":0.${i % 1000}}`,
    )
    lines.push(line)
    size += line.length
  }
  const count = lines.length
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = 0
  lines.forEach((line, i) => {
    starts[i] = at
    ends[i] = at += line.length
  })
  const columns = { streamIds: new Uint32Array(count), seconds: new Float64Array(count), nanos: new Uint32Array(count) }
  const streams = [Labels.from([['job', 'bench']])]
  return { type: 'loki.logs', count, arena: new Uint8Array(Buffer.concat(lines)), starts, ends, streams, ...columns }
}

/** Private memory of a process. */
export function privateMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce((sum, [, size]) => sum + Number(size), 0)
  return kilobytes / 1024
}
