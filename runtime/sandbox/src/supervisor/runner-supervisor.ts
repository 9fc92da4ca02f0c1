import fs from 'node:fs/promises'
import path from 'node:path'
import {
  ModuleQuarantinedError,
  starvedReason,
  type AssignRequest,
  type ExitReason,
  type Overdue,
  type RunnerControl,
  type RunnerEvent,
  type RunnerExit,
} from '../control.ts'
import { limitDefaults, residentBytesMax } from '../limits.ts'
import { inspectedProgram, prepareRunnerProgram, type RunnerProgram } from '../program/runner-program.ts'
import { sweepSocketFolders } from '../channel/socket-folder.ts'
import { CpuWindow } from './cpu-window.ts'
import type { Inspection } from './inspection.ts'
import { launchLine, probeConfinement, type Confinement } from './launch.ts'
import { RestartPolicy } from './restart-policy.ts'
import { RunnerRecords } from './runner-records.ts'
import { RunnerProcess, type ProcessEnd } from './runner-process.ts'

const memoryPollMs = 20
const cpuPollMs = 100
const throttleMs = 500
/** Below this share of a core a runner that is late was starved rather than stuck. */
const starvedShare = 0.5
/** A new blank is started a moment after the last was taken: the one taken needs the CPU more. */
const blankDelayMs = 100
/** Instances whose past is remembered. */
const pastsMax = 10_000

export interface SupervisorOptions {
  /** Where the bundled runner is kept between starts. */
  readonly cacheDir: string
  /** Every end of a runner that was not asked for. */
  readonly onExit?: (exit: RunnerExit) => void
  /** An isolate was lost and replaced within its runner. */
  readonly onIsolateLost?: (instance: string, reason: string) => void
  /** From now on the module is not started again, until {@link RunnerSupervisor.resume}. */
  readonly onQuarantined?: (instance: string, reason: string) => void
  /** For authors: what connects an instance's runner with a debugger. */
  readonly inspect?: (instance: string, sha256: string) => Inspection | undefined
  /** Runners kept ready; 1 by default. */
  readonly blanks?: number
  /** What runners are started with, instead of what is bundled from the sources. */
  readonly program?: RunnerProgram
}

/** What is remembered of an instance between its runners. */
interface Past {
  readonly policy: RestartPolicy
  readonly instance: string
  onEvent: (event: RunnerEvent) => void
}

interface Assigned {
  readonly id: number
  readonly process: RunnerProcess
  readonly request: AssignRequest
  readonly onEvent: (event: RunnerEvent) => void
  readonly cpu: CpuWindow
  readonly residentBytesMax: number
}

/** Control's half of the sandbox: starts, watches and kills runners. It sees no telemetry and runs no module code. */
export class RunnerSupervisor implements RunnerControl {
  readonly confinement: Confinement
  readonly #program: RunnerProgram
  readonly #options: SupervisorOptions
  readonly #emptyDir: string
  readonly #records: RunnerRecords
  readonly #blanks: RunnerProcess[] = []
  readonly #assigned = new Map<number, Assigned>()
  /** By instance and code. */
  readonly #pasts = new Map<string, Past>()
  #lastId = 0
  #memoryTimer: NodeJS.Timeout | undefined
  #cpuTimer: NodeJS.Timeout | undefined
  #blankTimer: NodeJS.Timeout | undefined
  #closed = false

  static async open(options: SupervisorOptions): Promise<RunnerSupervisor> {
    const [program, confinement] = await Promise.all([
      options.program ?? prepareRunnerProgram(options.cacheDir),
      probeConfinement(),
      sweepSocketFolders(),
    ])
    const emptyDir = path.join(options.cacheDir, 'empty')
    await fs.mkdir(emptyDir, { recursive: true, mode: 0o555 })
    const records = new RunnerRecords(path.join(options.cacheDir, 'running'))
    records.sweep()
    const supervisor = new RunnerSupervisor(options, program, confinement, emptyDir, records)
    supervisor.#fillBlanks()
    return supervisor
  }

  private constructor(
    options: SupervisorOptions,
    program: RunnerProgram,
    confinement: Confinement,
    emptyDir: string,
    records: RunnerRecords,
  ) {
    this.#records = records
    this.#options = options
    this.#program = program
    this.confinement = confinement
    this.#emptyDir = emptyDir
  }

  async assign(
    request: AssignRequest,
    onEvent: (event: RunnerEvent) => void,
  ): Promise<{ runner: number; pid: number }> {
    const past = this.#past(request)
    past.onEvent = onEvent
    const { policy } = past
    const delay = policy.delayMs()
    if (delay > 0 && policy.quarantined === undefined)
      await new Promise((resolve) => setTimeout(resolve, delay).unref())
    if (policy.quarantined !== undefined)
      throw new ModuleQuarantinedError(`Cannot start ${request.instance}: it is quarantined (${policy.quarantined})`)
    if (this.#closed) throw new Error(`Cannot start ${request.instance}: the supervisor is closed`)
    const inspection = this.#options.inspect?.(request.instance, request.sha256)
    const process = inspection ? this.#spawn(inspection) : (this.#blanks.shift() ?? this.#spawn())
    const id = ++this.#lastId
    const cpu = new CpuWindow(request.limits.cpuWindowMs)
    cpu.add(performance.now(), process.sample().cpuMs)
    this.#assigned.set(id, { id, process, request, onEvent, cpu, residentBytesMax: residentBytesMax(request.limits) })
    const { socketPath, token } = request
    const { sourceMapUrl } = inspection ?? {}
    process.assign({ socketPath, token, ...(sourceMapUrl !== undefined && { sourceMapUrl }) })
    this.#watch()
    this.#blankTimer ??= setTimeout(() => this.#fillBlanks(), blankDelayMs).unref()
    return { runner: id, pid: process.pid }
  }

  async overdue(runner: number, turnMs: number, extensions: number, batch: number | undefined): Promise<Overdue> {
    const assigned = this.#assigned.get(runner)
    if (!assigned) return 'killed'
    const { process, cpu, request } = assigned
    // It may be paused.
    if (process.inspected) return 'extended'
    cpu.add(performance.now(), process.sample().cpuMs)
    const starved = cpu.used(turnMs) < starvedShare * turnMs
    if (starved && extensions < request.limits.starvedExtensionsMax) return 'extended'
    process.kill('deadline', `no answer for ${Math.round(turnMs)} ms`, batch)
    return 'killed'
  }

  kill(runner: number, reason: ExitReason, detail: string, batch?: number): void {
    const assigned = this.#assigned.get(runner)
    if (!assigned) return
    if (reason === 'protocol') this.#past(assigned.request).policy.quarantine(`broke the protocol: ${detail}`)
    assigned.process.kill(reason, detail, batch)
  }

  isolateLost(runner: number, reason: string): void {
    const assigned = this.#assigned.get(runner)
    if (!assigned) return
    this.#options.onIsolateLost?.(assigned.request.instance, reason)
    if (reason === starvedReason || !this.#past(assigned.request).policy.record('isolate')) return
    assigned.process.kill('exited', `its isolates were lost too often, last to ${reason}`)
  }

  release(runner: number): void {
    this.#assigned.get(runner)?.process.kill('released', 'no longer needed')
  }

  /** Ends the quarantine of a module, by the operator's decision. False when it was not quarantined. */
  resume(instance: string): boolean {
    let resumed = false
    for (const past of this.#pasts.values()) {
      if (past.instance !== instance || past.policy.quarantined === undefined) continue
      resumed = true
      past.policy.resume()
      past.onEvent({ event: 'resumed' })
    }
    return resumed
  }

  /** Ids of the processes that exist now, for the operator and for tests. */
  pids(): { readonly assigned: readonly number[]; readonly blank: readonly number[] } {
    return {
      assigned: [...this.#assigned.values()].map(({ process }) => process.pid),
      blank: this.#blanks.map(({ pid }) => pid),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#blankTimer)
    const processes = [...this.#blanks, ...[...this.#assigned.values()].map(({ process }) => process)]
    for (const process of processes) process.kill('released', 'the collector stops')
    while (processes.some((process) => !process.ended)) await new Promise((resolve) => setTimeout(resolve, 2))
    this.#unwatch()
  }

  #past(request: AssignRequest): Past {
    const { instance, sha256, limits } = request
    const key = `${instance} ${sha256}`
    let past = this.#pasts.get(key)
    if (!past) {
      past = { policy: new RestartPolicy(limits), instance, onEvent: () => {} }
      this.#pasts.set(key, past)
      if (this.#pasts.size > pastsMax) this.#pasts.delete(this.#pasts.keys().next().value!)
    }
    return past
  }

  #spawn(inspection?: Inspection): RunnerProcess {
    const program = inspection ? inspectedProgram(this.#program) : this.#program
    const line = launchLine(program, this.confinement, limitDefaults.memoryMiB)
    const ended = (end: ProcessEnd): void => this.#ended(process, end)
    const process: RunnerProcess = new RunnerProcess(line, this.#emptyDir, ended, inspection)
    if (!this.confinement.parentDeath) this.#records.add(process.pid)
    return process
  }

  #fillBlanks(): void {
    this.#blankTimer = undefined
    while (!this.#closed && this.#blanks.length < (this.#options.blanks ?? 1)) this.#blanks.push(this.#spawn())
  }

  #ended(process: RunnerProcess, end: ProcessEnd): void {
    this.#records.remove(process.pid)
    const blank = this.#blanks.indexOf(process)
    if (blank >= 0) {
      this.#blanks.splice(blank, 1)
      return
    }
    const assigned = [...this.#assigned.values()].find((candidate) => candidate.process === process)
    if (!assigned) return
    this.#assigned.delete(assigned.id)
    if (this.#assigned.size === 0) this.#unwatch()
    const exit: RunnerExit = { runner: assigned.id, instance: assigned.request.instance, ...end }
    const { policy } = this.#past(assigned.request)
    if (end.reason !== 'released') {
      policy.record('kill')
      this.#options.onExit?.(exit)
    }
    assigned.onEvent({ event: 'exited', exit })
    if (end.reason !== 'released' && policy.quarantined !== undefined) {
      this.#options.onQuarantined?.(exit.instance, policy.quarantined)
      assigned.onEvent({ event: 'quarantined', reason: policy.quarantined })
    }
  }

  #watch(): void {
    this.#memoryTimer ??= setInterval(() => this.#pollMemory(), memoryPollMs).unref()
    this.#cpuTimer ??= setInterval(() => this.#pollCpu(), cpuPollMs).unref()
  }

  #unwatch(): void {
    clearInterval(this.#memoryTimer)
    clearInterval(this.#cpuTimer)
    this.#memoryTimer = undefined
    this.#cpuTimer = undefined
  }

  #pollMemory(): void {
    for (const { process, residentBytesMax } of this.#assigned.values()) {
      const resident = process.sampleMemory()
      if (resident > residentBytesMax)
        process.kill('memory', `${resident} bytes resident, at most ${residentBytesMax} are allowed`)
    }
  }

  #pollCpu(): void {
    const now = performance.now()
    for (const { id, process, request, cpu, onEvent } of this.#assigned.values()) {
      cpu.add(now, process.sample().cpuMs)
      const { cpuShare, cpuWindowMs } = request.limits
      if (cpu.used(cpuWindowMs) > cpuShare * cpuWindowMs)
        onEvent({ event: 'throttle', runner: id, pauseMs: throttleMs })
    }
  }
}
