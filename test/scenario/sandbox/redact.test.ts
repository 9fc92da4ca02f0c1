import { packModule } from '@ingot/loader'
import { resolveLimits, RunnerInstance, RunnerSupervisor } from '@ingot/sandbox'
import { delivered } from '@ingot/sdk'
import { Instance, type InstanceHost } from '@ingot/sdk/host'
import { fakeEnv, TestLedger } from '@ingot/testing'
import { Labels, type Batch, type LogsBatch } from '@ingot/telemetry'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const moduleDir = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../examples/modules/redact')
const frame = {
  value: { forward_to: null },
  outputs: [{ path: ['forward_to'], receivers: [{ component: 'test.sink', port: 'receiver', types: ['loki.logs'] }] }],
  secrets: [],
} as const

let dir: string
let supervisor: RunnerSupervisor
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'ingot-redact-'))
  supervisor = await RunnerSupervisor.open({ cacheDir: dir })
})
afterAll(async () => {
  await supervisor.close()
  await rm(dir, { recursive: true, force: true })
})

test('@acme/redact masks the same in a runner as in a lane, asks for nothing and keeps every line', async () => {
  const { manifest, files } = await packModule(moduleDir)
  const [component] = manifest.components
  expect(component).toMatchObject({ name: 'pii', capabilities: {}, tags: ['redact'] })
  const code = files.find((file) => file.path === component!.entry)!.bytes
  const lines = Array.from(
    { length: 3_000 },
    (_, i) => `request ${i} card="4111 1111 1111 1111" user=jo${i}@example.org token: Bearer abcdef${i}xyz – ☃`,
  )

  const inRunner = hostOf('redact.runner')
  const runner = new RunnerInstance(inRunner.host, {
    code,
    sha256: component!.sha256,
    capabilities: [],
    limits: resolveLimits(),
    control: supervisor,
    quarantineDir: path.join(dir, 'quarantine'),
  })
  await runner.start(frame, () => {})
  expect(await runner.receive('receiver', logsOf(lines))).toEqual({ status: 'delivered' })
  await runner.stop(1_000)

  const inLane = hostOf('redact.lane')
  const { default: definition } = (await import(
    `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  )) as {
    default: ConstructorParameters<typeof Instance>[0]
  }
  const instance = new Instance(definition, inLane.host)
  instance.start(frame, () => {})
  await instance.receive('receiver', logsOf(lines))
  await instance.stop(1_000)

  const masked = inRunner.emitted.flatMap(linesOf)
  expect(masked).toEqual(inLane.emitted.flatMap(linesOf))
  expect(masked).toHaveLength(lines.length)
  expect(masked[7]).toBe('request 7 card="*******************" user=*************** token: Bearer ********** – ☃')
})

function hostOf(id: string): { readonly host: InstanceHost; readonly emitted: Batch[] } {
  const emitted: Batch[] = []
  const host: InstanceHost = {
    id,
    env: fakeEnv().of([]),
    ledger: new TestLedger(),
    output: () => ({
      emit: async (batch) => {
        emitted.push(batch)
        return delivered
      },
      receivers: 1,
    }),
    exportsChanged: () => {},
    healthChanged: () => {},
  }
  return { host, emitted }
}

function logsOf(lines: readonly string[]): LogsBatch {
  const parts = lines.map((line) => Buffer.from(line))
  const count = parts.length
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = 0
  parts.forEach((part, i) => {
    starts[i] = at
    ends[i] = at += part.length
  })
  return {
    type: 'loki.logs',
    count,
    arena: new Uint8Array(Buffer.concat(parts)),
    starts,
    ends,
    streamIds: new Uint32Array(count),
    streams: [Labels.from([['job', 'test']])],
    seconds: new Float64Array(count),
    nanos: new Uint32Array(count),
  }
}

function linesOf(batch: Batch): string[] {
  if (batch.type !== 'loki.logs') return []
  const text = new TextDecoder()
  return Array.from({ length: batch.count }, (_, i) =>
    text.decode(batch.arena.subarray(batch.starts[i], batch.ends[i])),
  )
}
