/** A collector with many sandboxed instances and random faults: see {@link Soak}. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Receiver } from '../peers/receiver.ts'
import { Collector } from '../servers/ingot.ts'
import { imbalances } from '../servers/live.ts'
import { until } from '../servers/process.ts'
import { drawFault, randomFrom, type Fault } from './faults.ts'
import { LineBook } from './line-book.ts'
import { holdingOf, processesNaming, residentMiB } from './process-tree.ts'
import { growthFailures, type Report, type Sample } from './report.ts'

export interface SoakOptions {
  readonly seconds: number
  readonly instances: number
  readonly seed: number
  readonly onSample?: (sample: Sample, soak: Soak) => void
}

const program = fileURLToPath(new URL('collector.ts', import.meta.url))
const lanes = 2
const writeEveryMs = 500
const linesPerWrite = 8
/** Per second, however many instances there are: each costs starts of runners, which a machine has only so many of. */
const faultsPerSecond = 1.5
const sampleEveryMs = 5_000
const resumeEveryMs = 3_000
/** Back-off of restarts, up to 30 s, and deadlines of batches that were under way. */
const settleMs = 240_000
const startMs = 180_000
/** Why a start may fail here: it ran out of time, or what is killed at random was its runner or its lane. */
const startLost = '(timeout|deadline|killed|It was lost|Cannot reach lane)'
/** Beside what there was when all instances ran: connections of whoever asks, a runner that is just replaced. */
const moreDescriptorsMax = 24
/** Positions, and what is kept of batches that were set aside: a few lines each. */
const storageMiBMax = 64

/** One run: files of numbered lines through one faulty instance each, to one receiver. */
export class Soak {
  readonly faults: Partial<Record<Fault, number>> = {}
  readonly lines: LineBook
  resumed = 0
  reloadsRefused = 0
  readonly #options: SoakOptions
  readonly #dir = mkdtempSync(join(tmpdir(), 'ingot-soak-'))
  readonly #random: () => number
  readonly #receiver: Receiver
  readonly #samples: Sample[] = []
  readonly #failures: string[] = []
  #pushUrl = ''
  #collector!: Collector
  #revision = 0
  #strange: Error | undefined

  constructor(options: SoakOptions) {
    this.#options = options
    this.#random = randomFrom(options.seed)
    this.lines = new LineBook(this.#dir, options.instances)
    this.#receiver = new Receiver({ keep: false, onReceived: ({ message }) => this.#received(message as PushMessage) })
  }

  async run(): Promise<Report> {
    try {
      this.#pushUrl = `http://${(await this.#receiver.start()).http}/loki/api/v1/push`
      await this.#start()
      const { descriptors } = holdingOf(this.#collector.process.pid)
      await this.#spoil()
      await this.#settle()
      await this.#judge(descriptors)
      return await this.#finish()
    } finally {
      await this.#collector?.stop('SIGKILL')
      await this.#receiver.stop()
      rmSync(this.#dir, { recursive: true, force: true })
    }
  }

  async #start(): Promise<void> {
    this.#collector = await Collector.start({
      dir: this.#dir,
      config: this.#config(),
      program: [program],
      flags: [`--cache.path=${join(this.#dir, 'cache')}`, `--lanes=${lanes}`],
    })
    for (let i = 0; i < this.#options.instances; i++) this.lines.write(i, 1)
    await this.#until(() => this.lines.arrived === this.lines.written, 'the first line of every instance', startMs)
  }

  /** Lines and faults, until the time is over. */
  async #spoil(): Promise<void> {
    const { seconds, instances, onSample } = this.#options
    const begin = performance.now()
    const due = { write: 0, fault: 0, sample: 0, resume: 0 }
    const isDue = (what: keyof typeof due, everyMs: number): boolean => {
      const now = performance.now() - begin
      if (now < due[what]) return false
      due[what] = now + everyMs
      return true
    }
    while (performance.now() - begin < seconds * 1_000) {
      if (isDue('write', writeEveryMs)) for (let i = 0; i < instances; i++) this.lines.write(i, linesPerWrite)
      if (isDue('fault', 1_000 / faultsPerSecond)) await this.#fault(drawFault(this.#random))
      if (isDue('resume', resumeEveryMs)) await this.#resume()
      if (isDue('sample', sampleEveryMs)) onSample?.(this.#sample((performance.now() - begin) / 1_000), this)
      this.#mustRun()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    this.#sample((performance.now() - begin) / 1_000)
  }

  async #fault(fault: Fault): Promise<void> {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1
    const instance = Math.floor(this.#random() * this.#options.instances)
    if (fault === 'kill lane') this.#collector.process.child.kill('SIGUSR2')
    else if (fault === 'kill runner') this.#killRunner()
    else if (fault === 'reload') {
      this.#revision++
      this.#collector.writeConfig(this.#config(instance))
      const { status, text } = await this.#collector.reload()
      if (status === 200) return
      // An instance that is not up in time on a busy machine: then what ran goes on, and the collector says so.
      if (new RegExp(`Cannot apply the configuration: faulty\\.pass\\.i\\d+: ${startLost}`).test(text))
        this.reloadsRefused++
      else this.#failures.push(`a reload was refused: ${text.trim()}`)
    } else this.lines.write(instance, 1, `!${fault}`)
  }

  #killRunner(): void {
    const runners = this.#runners()
    const pid = runners[Math.floor(this.#random() * runners.length)]
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }

  /** As an operator would who looks every few seconds. */
  async #resume(): Promise<void> {
    const metrics = await this.#collector.metrics()
    for (const [, id] of metrics.matchAll(/^ingot_module_quarantined\{component_id="([^"]+)"\} 1$/gm)) {
      const url = `http://${this.#collector.address}/api/v0/ingot/components/${id}/resume`
      if ((await fetch(url, { method: 'POST' })).ok) this.resumed++
    }
  }

  #sample(seconds: number): Sample {
    const { rssMiB, descriptors } = holdingOf(this.#collector.process.pid)
    const runners = this.#runners()
    const sample = {
      seconds,
      collectorMiB: rssMiB,
      runnersMiB: residentMiB(runners),
      runners: runners.length,
      descriptors,
      storageMiB: bytesIn(join(this.#dir, 'data')) / 2 ** 20,
    }
    this.#samples.push(sample)
    return sample
  }

  /** No more faults: what still waits arrives, and a line after it through every instance. */
  async #settle(): Promise<void> {
    const { instances } = this.#options
    let lastLine = false
    await this.#until(
      async () => {
        await this.#resume()
        const { components } = await this.#collector.live()
        const lost = new Map(components.map(({ id, ledger }) => [id, ledger.dropped + ledger.quarantined]))
        const open = Array.from({ length: instances }, (_, i) => i).filter(
          (i) => this.lines.missing(i) > (lost.get(`faulty.pass.i${i}`) ?? 0),
        )
        if (open.length > 0) return false
        if (!lastLine) for (let i = 0; i < instances; i++) this.lines.write(i, 1)
        const answered = lastLine && imbalances(await this.#collector.live()).length === 0
        lastLine = true
        return answered
      },
      'every line to arrive or to be accounted for',
      settleMs,
    ).catch(async (error: Error) => {
      this.#failures.push(error.message, ...imbalances(await this.#collector.live()).slice(0, 10))
    })
  }

  async #judge(descriptorsBefore: number): Promise<void> {
    const { descriptors } = holdingOf(this.#collector.process.pid)
    const max = descriptorsBefore + moreDescriptorsMax
    if (descriptors > max) this.#failures.push(`the collector has ${descriptors} descriptors, at most ${max}`)
    const { storageMiB } = this.#samples.at(-1)!
    if (storageMiB > storageMiBMax) this.#failures.push(`${storageMiB} MiB of storage, at most ${storageMiBMax}`)
    if (this.#strange) this.#failures.push(this.#strange.message)
    this.#failures.push(...growthFailures(this.#samples))
  }

  async #finish(): Promise<Report> {
    const { components, lanes: running } = await this.#collector.live()
    await this.#collector.stop()
    await until(() => this.#runners().length === 0, 'the end of all runners').catch(() =>
      this.#failures.push(`${this.#runners().length} runners outlived their collector`),
    )
    const sum = (of: 'dropped' | 'quarantined'): number => components.reduce((all, { ledger }) => all + ledger[of], 0)
    return {
      seed: this.#options.seed,
      faults: this.faults,
      written: this.lines.written,
      arrived: this.lines.arrived,
      repeated: this.lines.repeated,
      dropped: sum('dropped'),
      quarantined: sum('quarantined'),
      resumed: this.resumed,
      reloadsRefused: this.reloadsRefused,
      laneRestarts: running.reduce((all, { restarts }) => all + restarts, 0),
      samples: this.#samples,
      failures: this.#failures,
    }
  }

  #runners(): number[] {
    return processesNaming(join(this.#dir, 'cache', 'runner', 'runner-'))
  }

  #mustRun(): void {
    if (!this.#collector.process.running)
      throw new Error(`The collector ended (seed ${this.#options.seed}):\n${this.#collector.process.output}`)
  }

  async #until(condition: () => boolean | Promise<boolean>, what: string, withinMs: number): Promise<void> {
    const checked = (): boolean | Promise<boolean> => {
      this.#mustRun()
      return condition()
    }
    await until(checked, what, withinMs)
  }

  #received({ streams }: PushMessage): void {
    try {
      for (const { entries } of streams) for (const { line } of entries) this.lines.arrive(line)
    } catch (error) {
      this.#strange = error as Error
    }
  }

  /** Every reload changes one instance. */
  #config(changed?: number): string {
    const pipelines = Array.from(
      { length: this.#options.instances },
      (_, i) => `
      loki.source.file "i${i}" {
        targets    = [{ __path__ = "${this.lines.path(i)}", job = "soak" }]
        forward_to = [faulty.pass.i${i}.receiver]
      }
      faulty.pass "i${i}" {
        revision   = ${i === changed ? this.#revision : 0}
        forward_to = [loki.write.out.receiver]
      }`,
    )
    return `
      import.module "faulty" {
        module  = "@acme/faulty"
        version = "^1.0.0"
        limits { cpu_share = 1 }
      }
      ${pipelines.join('\n')}
      loki.write "out" {
        endpoint {
          url                 = "${this.#pushUrl}"
          batch_wait          = "100ms"
          max_backoff_retries = 0
        }
      }`
  }
}

interface PushMessage {
  readonly streams: readonly { readonly entries: readonly { readonly line: string }[] }[]
}

function bytesIn(dir: string): number {
  let bytes = 0
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
    bytes += statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}
