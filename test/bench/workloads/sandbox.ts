/** What sandboxes cost, beside what they may: crossings, starts, kills, memory, and a process under the hostile corpus. */
import { RunnerSupervisor, type RunnerExit } from '@ingot/sandbox'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import {
  bundleOf,
  emitted,
  inRunner,
  inThisThread,
  logsOf,
  privateMiB,
  type BenchComponent,
} from '../sandbox/bench-component.ts'
import { measureHostileCorpus } from '../sandbox/hostile-corpus.ts'

/** One line of the table: what, what is wanted of it, and what it is. */
export interface Figure {
  readonly what: string
  readonly wanted: string
  readonly measured: string
}

// As in a lane: what is measured here is what a lane does.
setFlagsFromString('--external-memory-accounted-in-global-limit')

const roundsMs = 2_000
const warmUp = 20
/** Some code is optimized anew after forty batches, in either room. */
const computeWarmUp = 100
const computeRounds = 100
/** Idle runners share the pages of one program: one alone would be charged with all of them. */
const idleRunners = 4
const kills = 100
const starts = 9
/** A new blank is at hand again after this. */
const settleMs = 300
const redactDir = fileURLToPath(new URL('../../../examples/modules/redact', import.meta.url))
const jsonDir = fileURLToPath(new URL('../sandbox/json-module', import.meta.url))

const passes = "receive('receiver', (batch) => args.forward_to.emit(batch))"
const component = (body: string): string =>
  `export default { arguments: { parse: (value) => value }, run({ args, env, receive }) { ${body} } }`
/** Answers with the milliseconds that its work took, by its own clock. */
const timed = (work: string): string =>
  component(`receive('receiver', (batch) => {
    const text = env.text.decode(batch.arena)
    const start = env.clock.monotonic()
    let kept = 0
    ${work}
    const arena = env.text.encode(String(env.clock.monotonic() - start))
    return args.forward_to.emit({ ...batch, count: kept < 0 ? 0 : 1, arena, starts: new Uint32Array(1), ends: new Uint32Array([arena.length]), streamIds: new Uint32Array(1), seconds: new Float64Array(1), nanos: new Uint32Array(1) })
  })`)
const compute = timed(`
  for (const line of text.split('}{')) kept += line.replace(/\\d{13,16}|[\\w.]+@[\\w.]+/g, '***').length
  for (let i = 0, hash = 0; i < batch.arena.length; i++) kept += (hash = (hash * 31 + batch.arena[i]) | 0) & 1`)
const brokerCallsPerBatch = 50
const brokerCalls = timed(`for (let i = 0; i < ${brokerCallsPerBatch}; i++) kept += env.vars.get('REGION').length`)

export async function measureSandbox(): Promise<readonly Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ingot-bench-'))
  const exits: RunnerExit[] = []
  const supervisor = await RunnerSupervisor.open({ cacheDir: dir, onExit: (exit) => exits.push(exit) })
  const bench = new Bench(supervisor, dir, exits)
  const figures = [
    {
      what: 'load of the machine (1 minute), confinement',
      wanted: '',
      measured: `${loadavg()[0]!.toFixed(1)}, ${JSON.stringify(supervisor.confinement)}`,
    },
    ...(await bench.crossings()),
    ...(await bench.redact('JSON lines parsed, masked and written', jsonDir, ['≤ 1.4', '≥ 1.4'])),
    ...(await bench.redact('bytes masked in place', redactDir)),
    ...(await bench.lifes()),
    ...(await bench.memory()),
  ]
  await supervisor.close()
  await rm(dir, { recursive: true, force: true })
  return [...figures, ...(await hostile())]
}

class Bench {
  readonly #supervisor: RunnerSupervisor
  readonly #dir: string
  readonly #exits: readonly RunnerExit[]

  constructor(supervisor: RunnerSupervisor, dir: string, exits: readonly RunnerExit[]) {
    this.#supervisor = supervisor
    this.#dir = dir
    this.#exits = exits
  }

  async crossings(): Promise<readonly Figure[]> {
    const echo = await this.#start('echo', component(passes))
    const { times, cpuMs } = await rounds(echo)
    await echo.stop(1_000)
    return [
      figure('compute in the isolate / in this thread', '≤ 1.15', await this.#computeRatio(), ''),
      figure('round trip of 1 MiB', '≤ 2.5 ms', median(times), 'ms'),
      figure('CPU of the collector for a batch of 1 MiB', '≤ 2 ms', cpuMs, 'ms'),
      figure('call of the broker, without I/O', '≤ 0.15 ms', await this.#brokerCallMs(), 'ms'),
    ]
  }

  /** The two rooms take turns, so that what else the machine does slows down both. */
  async #computeRatio(): Promise<number> {
    const isolate = await this.#start('compute', compute)
    const here = await inThisThread('compute', compute)
    const times: { readonly isolate: number; readonly here: number }[] = []
    for (let i = 0; i < computeWarmUp + computeRounds; i++) {
      const round = { isolate: await report(isolate), here: await report(here) }
      if (i >= computeWarmUp) times.push(round)
    }
    await isolate.stop(1_000)
    return median(times.map((round) => round.isolate)) / median(times.map((round) => round.here))
  }

  /** The same work in this thread, in one runner and in two. */
  async redact(what: string, dir: string, [once, twice]: readonly string[] = ['', '']): Promise<readonly Figure[]> {
    const code = await bundleOf(dir)
    const here = median((await rounds(await inThisThread('redact', code))).times)
    const one = await this.#start('redact1', code)
    const alone = median((await rounds(one)).times)
    const two = await this.#start('redact2', code)
    const [first, second] = await Promise.all([rounds(one), rounds(two)])
    await Promise.all([one.stop(1_000), two.stop(1_000)])
    const faster = here / (1 / (1 / median(first.times) + 1 / median(second.times)))
    return [
      figure(`${what}: one runner / this thread, wall time`, once!, alone / here, ''),
      figure(`${what}: two runners, times as fast as this thread`, twice!, faster, ''),
    ]
  }

  async lifes(): Promise<readonly Figure[]> {
    const cold: number[] = []
    for (let i = 0; i < starts; i++) {
      await sleep(settleMs)
      await (await this.#start(`warm${i}`, component(passes))).stop(1_000)
      // The blank is taken: the next runner is spawned for it.
      const begin = performance.now()
      const started = await this.#start(`cold${i}`, component(passes))
      cold.push(performance.now() - begin)
      await started.stop(1_000)
    }
    const times = await this.#kills()
    return [
      figure('spawn of a runner to its started component', '≤ 60 ms', median(cold), 'ms'),
      figure(`kill → next good batch, median of ${kills}`, '', median(times), 'ms'),
      figure(`kill → next good batch, p99 of ${kills}`, '≤ 150 ms', percentile(times, 0.99), 'ms'),
    ]
  }

  async memory(): Promise<readonly Figure[]> {
    const idlers = await RunnerSupervisor.open({ cacheDir: this.#dir, blanks: idleRunners })
    await sleep(idleRunners * settleMs)
    const idle = median(idlers.pids().blank.map(privateMiB))
    await idlers.close()
    const busy = await this.#start('busy', await bundleOf(redactDir))
    const batch = logsOf(2 ** 20)
    let peak = 0
    const begin = performance.now()
    while (performance.now() - begin < roundsMs) {
      await busy.receive('receiver', batch)
      peak = Math.max(peak, ...this.#supervisor.pids().assigned.map(privateMiB))
    }
    await busy.stop(1_000)
    return [
      figure('private memory of an idle runner', '≤ 12 MiB', idle, 'MiB'),
      figure('idle runners in a GiB', '≥ 80', 1024 / idle, ''),
      figure('private memory of a busy runner, at its peak', '≤ 160 MiB', peak, 'MiB'),
    ]
  }

  async #kills(): Promise<readonly number[]> {
    const killed = await this.#start('killed', component(passes))
    const batch = logsOf(64 * 1024)
    const times: number[] = []
    for (let i = 0; i < kills; i++) {
      await killed.receive('receiver', batch)
      await sleep(settleMs)
      const known = this.#exits.length
      process.kill(this.#supervisor.pids().assigned[0]!, 'SIGKILL')
      const begin = performance.now()
      while (this.#exits.length === known) await new Promise((resolve) => setImmediate(resolve))
      await killed.receive('receiver', batch)
      times.push(performance.now() - begin)
    }
    await killed.stop(1_000)
    return times
  }

  #start(id: string, code: string): Promise<BenchComponent> {
    return inRunner(id, code, { supervisor: this.#supervisor, dir: this.#dir })
  }

  async #brokerCallMs(): Promise<number> {
    const started = await this.#start('calling', brokerCalls)
    const times: number[] = []
    for (let i = 0; i < 2 * warmUp; i++) {
      const ms = await report(started)
      if (i >= warmUp) times.push(ms)
    }
    await started.stop(1_000)
    return median(times) / brokerCallsPerBatch
  }
}

async function hostile(): Promise<readonly Figure[]> {
  const { cases, lost, lagP99Ms, lagMaxMs, recoveryMs, overshootMiB } = await measureHostileCorpus()
  return [
    figure(`event loop under ${cases} hostile cases, p99`, '', lagP99Ms, 'ms'),
    figure(`event loop under ${cases} hostile cases, at worst`, '≤ 50 ms', lagMaxMs, 'ms'),
    figure(`loss → next good batch, p99 of ${lost} cases`, '≤ 150 ms', percentile(recoveryMs, 0.99), 'ms'),
    figure('memory beyond the bound at which a runner is killed', '≤ 50 MiB', overshootMiB, 'MiB'),
  ]
}

const reportBatch = logsOf(2 ** 20)

/** What a component says of itself after a batch. */
async function report(started: BenchComponent): Promise<number> {
  await started.receive('receiver', reportBatch)
  const { last } = emitted
  return last?.type === 'loki.logs' ? Number(Buffer.from(last.arena).toString()) : Number.NaN
}

async function rounds(started: BenchComponent): Promise<{ readonly times: readonly number[]; readonly cpuMs: number }> {
  const batch = logsOf(2 ** 20)
  for (let i = 0; i < warmUp; i++) await started.receive('receiver', batch)
  const times: number[] = []
  const before = process.cpuUsage()
  const begin = performance.now()
  while (performance.now() - begin < roundsMs) {
    const sent = performance.now()
    await started.receive('receiver', batch)
    times.push(performance.now() - sent)
  }
  const { user, system } = process.cpuUsage(before)
  return { times, cpuMs: (user + system) / 1_000 / times.length }
}

function figure(what: string, wanted: string, value: number, unit: string): Figure {
  return { what, wanted, measured: `${value.toFixed(2)} ${unit}`.trimEnd() }
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
