/**
 * What a sandbox costs in a pipeline: file → a module that redacts → Loki push, of JSON lines. The module runs in a runner,
 * and then in the lane because a key that the configuration trusts has signed it; everything else is the same.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Collector } from '../../servers/ingot.ts'
import { TestRegistry } from '../../servers/registry.ts'
import { Meter, startPart, untilArrived, type Measurement } from '../measure.ts'
import { writeLogFile } from './logs.ts'
import type { Figure } from './sandbox.ts'

export interface SandboxTaxOptions {
  readonly mebibytes: number
  /** Of each module in each room; the rooms take turns, and medians count. */
  readonly repetitions: number
}

const taxMax = 1.15
/** The part of the file that is not measured: starting, and what is compiled in the beginning. */
const warmUpPart = 1 / 4
const rooms = ['lane', 'runner'] as const
type Room = (typeof rooms)[number]

interface Subject {
  readonly title: string
  readonly dir: string
  readonly module: string
  readonly component: string
}

const subjects: readonly Subject[] = [
  {
    title: 'examples/modules/redact, which masks bytes',
    dir: fileURLToPath(new URL('../../../examples/modules/redact', import.meta.url)),
    module: '@acme/redact',
    component: 'pii',
  },
  {
    title: 'a module that parses, edits and writes JSON',
    dir: fileURLToPath(new URL('../sandbox/json-module', import.meta.url)),
    module: '@acme/json',
    component: 'redact',
  },
]

/** About 210 bytes; every tenth has something to mask. */
function jsonLine(i: number): string {
  const id = (i * 2_654_435_761) >>> 0
  const note = i % 10 === 0 ? ' for jo.doe@example.org with 4111111111111111' : ''
  return `{"ts":"2026-11-22T10:00:${String(i % 60).padStart(2, '0')}.${i % 1000}Z","level":"${i % 9 ? 'info' : 'error'}","msg":"request served${note}","path":"/api/v2/orders/${id}/items?page=${i % 40}","status":200,"duration_ms":${i % 733},"trace":"${id.toString(16)}${(id * 31).toString(16)}"}`
}

export async function measureSandboxTax(options: SandboxTaxOptions): Promise<readonly Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-bench-tax-'))
  const path = join(dir, 'app.log')
  const { bytes, lines } = await writeLogFile(path, options.mebibytes, jsonLine)
  const registry = await TestRegistry.start(join(dir, 'registry'))
  const figures: Figure[] = []
  for (const subject of subjects) {
    await registry.publish(subject.dir)
    const runs: Record<Room, Measurement[]> = { lane: [], runner: [] }
    for (let i = 0; i < options.repetitions; i++)
      for (const room of rooms) runs[room].push(await runOnce(subject, room, { dir, path, registry, lines, bytes }))
    figures.push(...figuresOf(subject, runs))
  }
  await registry.stop()
  await rm(dir, { recursive: true, force: true })
  return figures
}

interface Setting {
  readonly dir: string
  readonly path: string
  readonly registry: TestRegistry
  readonly lines: number
  readonly bytes: number
}

async function runOnce(
  { module, component }: Subject,
  room: Room,
  { dir, path, registry, lines, bytes }: Setting,
): Promise<Measurement> {
  const home = await mkdtemp(join(dir, 'run-'))
  await registry.pin(home, module, 'bench')
  const sink = await startPart('sink.ts')
  const collector = await Collector.start({
    dir: home,
    // One lane: what crossing from one to another costs is another question.
    flags: ['--lanes=1'],
    config: `
      ${room === 'lane' ? `ingot { trust { keys = ["${await publicationKey(registry)}"] } }` : ''}
      ${registry.block('@acme')}
      import.module "bench" {
        module  = "${module}"
        version = "^1.0.0"
        limits { cpu_share = 1 }
      }
      loki.source.file "bench" {
        targets    = [{ __path__ = "${path}", job = "bench" }]
        forward_to = [bench.${component}.bench.receiver]
      }
      bench.${component} "bench" { forward_to = [loki.write.out.receiver] }
      loki.write "out" { endpoint { url = "http://${sink.address}/loki/api/v1/push" } }`,
  })
  const program = { name: `${module} in a ${room}`, process: collector.process }
  await untilArrived(sink.address, Math.ceil(lines * warmUpPart), program)
  const meter = await Meter.start(collector.process.pid, sink.address)
  await untilArrived(sink.address, lines, program, true)
  const measured = await meter.stop(program.name, bytes / lines)
  await collector.stop()
  await sink.process.stop()
  return measured
}

/** The key with which the registry signs publications. */
async function publicationKey(registry: TestRegistry): Promise<string> {
  const answer = (await (await fetch(`${registry.url}/keys/root.json`)).json()) as { readonly payload: string }
  const document = JSON.parse(Buffer.from(answer.payload, 'base64').toString()) as {
    readonly keys: Readonly<Record<string, { readonly spki: string }>>
    readonly roles: { readonly publish: { readonly keyids: readonly string[] } }
  }
  return `ed25519:${document.keys[document.roles.publish.keyids[0]!]!.spki}`
}

function figuresOf({ title }: Subject, runs: Readonly<Record<Room, readonly Measurement[]>>): readonly Figure[] {
  const cost = (room: Room, seconds: (of: Measurement) => number): number =>
    median(runs[room].map((run) => (seconds(run) / run.inputBytes) * 2 ** 20 * 1000))
  const whole = (room: Room): number => cost(room, ({ cpuSeconds }) => cpuSeconds)
  const collector = (room: Room): number => cost(room, ({ cpuSeconds, childSeconds }) => cpuSeconds - childSeconds)
  const ms = (value: number): string => `${value.toFixed(2)} ms CPU / MiB`
  const threads = (room: Room): string => {
    const names = new Set(runs[room].flatMap(({ threads: all }) => [...all.keys()]))
    const costs = [...names].map((name) => [name, cost(room, ({ threads: all }) => all.get(name) ?? 0)] as const)
    const dear = costs.filter(([, value]) => value >= 0.05).toSorted(([, a], [, b]) => b - a)
    return dear.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ')
  }
  return [
    { what: title, wanted: '', measured: `load ${loadavg()[0]!.toFixed(1)}, ${runs.lane.length} runs of each` },
    { what: '  in the lane', wanted: '', measured: `${ms(whole('lane'))} (${threads('lane')})` },
    { what: '  in a runner', wanted: '', measured: `${ms(whole('runner'))} (${threads('runner')})` },
    { what: '    the collector of it', wanted: '', measured: ms(collector('runner')) },
    { what: '    the runner of it', wanted: '', measured: ms(cost('runner', ({ childSeconds }) => childSeconds)) },
    { what: '  tax', wanted: `≤ ${taxMax}`, measured: (whole('runner') / whole('lane')).toFixed(2) },
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
