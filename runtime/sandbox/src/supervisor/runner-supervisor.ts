import fs from 'node:fs/promises'
import path from 'node:path'
import {
  ModuleQuarantinedError,
  starvedReason,
  type AssignRequest,
  type ExitReason,
  type JoinRequest,
  type Overdue,
  type RunnerControl,
  type RunnerEvent,
  type RunnerExit,
} from '../control.ts'
import { bareRunnerBytes, limitDefaults, residentBytesMax } from '../limits.ts'
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
  /** What a module had asked its host for last when its runner ended. */
  readonly onLastCall?: (runner: number, instance: string, call: string) => void
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

/** The process that an instance has its isolate in, and what it uses: with all that share it. */
export interface RunnerUsage {
  readonly pid: number
  readonly residentBytes: number
  readonly peakRssBytes: number
  readonly residentBytesMax: number
  readonly cpuMs: number
  readonly shared: readonly string[]
}

/** What is remembered of an instance between its runners. */
interface Past {
  readonly policy: RestartPolicy
  readonly instance: string
  onEvent: (event: RunnerEvent) => void
}

interface Member {
  readonly request: JoinRequest
  readonly onEvent: (event: RunnerEvent) => void
}

interface Assigned {
  readonly id: number
  readonly process: RunnerProcess
  /** By instance: one, or those of a group. */
  readonly members: Map<string, Member>
  readonly cpu: CpuWindow
  /** Of all members. */
  residentBytesMax: number
  cpuShare: number
}

/** A runner that several used has ended, and the lane has yet to say whose turn it was. */
interface Unblamed {
  readonly exit: RunnerExit
  readonly members: readonly Member[]
}

/** Ends that a lane has yet to say more about: it does at once, unless it has ended itself. */
const unblamedMax = 1_000

/** Control's half of the sandbox: starts, watches and kills runners. It sees no telemetry and runs no module code. */
export class RunnerSupervisor implements RunnerControl {
  readonly confinement: Confinement
  readonly #program: RunnerProgram
  readonly #options: SupervisorOptions
  readonly #emptyDir: string
  readonly #records: RunnerRecords
  readonly #blanks: RunnerProcess[] = []
  readonly #assigned = new Map<number, Assigned>()
  readonly #unblamed = new Map<number, Unblamed>()
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
    await this.#mayStart(request, onEvent)
    const inspection = this.#options.inspect?.(request.instance, request.sha256)
    const process = inspection ? this.#spawn(inspection) : (this.#blanks.shift() ?? this.#spawn())
    const id = ++this.#lastId
    const cpu = new CpuWindow(request.limits.cpuWindowMs)
    cpu.add(performance.now(), process.sample().cpuMs)
    const members = new Map([[request.instance, { request, onEvent }]])
    this.#assigned.set(id, withBounds({ id, process, members, cpu, residentBytesMax: 0, cpuShare: 0 }))
    const { socketPath, token } = request
    const { sourceMapUrl } = inspection ?? {}
    process.assign({ socketPath, token, ...(sourceMapUrl !== undefined && { sourceMapUrl }) })
    this.#watch()
    this.#blankTimer ??= setTimeout(() => this.#fillBlanks(), blankDelayMs).unref()
    return { runner: id, pid: process.pid }
  }

  async join(runner: number, request: JoinRequest, onEvent: (event: RunnerEvent) => void): Promise<void> {
    await this.#mayStart(request, onEvent)
    const assigned = this.#assigned.get(runner)
    if (!assigned || assigned.process.ended) throw new Error(`Cannot start ${request.instance}: its runner has ended`)
    assigned.members.set(request.instance, { request, onEvent })
    withBounds(assigned)
  }

  leave(runner: number, instance: string): void {
    const assigned = this.#assigned.get(runner)
    if (assigned?.members.delete(instance)) withBounds(assigned)
  }

  blame(runner: number, instance: string | undefined, lastCall: string | undefined): void {
    this.#judge(runner, instance)
    if (instance !== undefined && lastCall !== undefined) this.#options.onLastCall?.(runner, instance, lastCall)
  }

  #judge(runner: number, instance: string | undefined): void {
    const unblamed = this.#unblamed.get(runner)
    this.#unblamed.delete(runner)
    if (!unblamed) return
    const { exit, members } = unblamed
    for (const member of members) {
      const broken = exit.reason === 'protocol'
      if (broken || instance === undefined || member.request.instance === instance) this.#fault(member, exit, members)
    }
  }

  async overdue(
    runner: number,
    turnMs: number,
    extensions: number,
    batch: number | undefined,
    instance: string,
  ): Promise<Overdue> {
    const assigned = this.#assigned.get(runner)
    const request = assigned?.members.get(instance)?.request
    if (!assigned || !request) return 'killed'
    const { process, cpu } = assigned
    // It may be paused.
    if (process.inspected) return 'extended'
    cpu.add(performance.now(), process.sample().cpuMs)
    const starved = cpu.used(turnMs) < starvedShare * turnMs
    if (starved && extensions < request.limits.starvedExtensionsMax) return 'extended'
    process.kill('deadline', `no answer for ${Math.round(turnMs)} ms`, batch)
    return 'killed'
  }

  /** What breaks the protocol has the whole process: each module in it could be the one, and all had the same powers. */
  kill(runner: number, reason: ExitReason, detail: string, batch?: number): void {
    const assigned = this.#assigned.get(runner)
    if (!assigned) return
    if (reason === 'protocol')
      for (const { request } of assigned.members.values())
        this.#past(request).policy.quarantine(`broke the protocol: ${detail}`)
    assigned.process.kill(reason, detail, batch)
  }

  isolateLost(runner: number, reason: string, instance: string): void {
    const assigned = this.#assigned.get(runner)
    const request = assigned?.members.get(instance)?.request
    if (!assigned || !request) return
    this.#options.onIsolateLost?.(instance, reason)
    if (reason === starvedReason || !this.#past(request).policy.record('isolate')) return
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

  /** What the instance's runner uses now; `undefined` when it has none. */
  usage(instance: string): RunnerUsage | undefined {
    const assigned = [...this.#assigned.values()].find(({ members }) => members.has(instance))
    if (!assigned) return undefined
    const { process, members } = assigned
    const { residentBytes, cpuMs } = process.sample()
    const shared = [...members.keys()].filter((other) => other !== instance)
    return {
      pid: process.pid,
      residentBytes,
      peakRssBytes: process.peakRssBytes,
      residentBytesMax: assigned.residentBytesMax,
      cpuMs,
      shared,
    }
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

  /** Waits out the instance's back-off. @throws ModuleQuarantinedError */
  async #mayStart(request: JoinRequest, onEvent: (event: RunnerEvent) => void): Promise<void> {
    const past = this.#past(request)
    past.onEvent = onEvent
    const { policy } = past
    const delay = policy.delayMs()
    if (delay > 0 && policy.quarantined === undefined)
      await new Promise((resolve) => setTimeout(resolve, delay).unref())
    if (policy.quarantined !== undefined)
      throw new ModuleQuarantinedError(`Cannot start ${request.instance}: it is quarantined (${policy.quarantined})`)
    if (this.#closed) throw new Error(`Cannot start ${request.instance}: the supervisor is closed`)
  }

  #past(request: JoinRequest): Past {
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
    const members = [...assigned.members.values()]
    const exit: RunnerExit = { runner: assigned.id, instance: '', shared: [], ...end }
    const asked = end.reason === 'released'
    if (members.length > 1 && !asked) {
      this.#unblamed.set(assigned.id, { exit, members })
      if (this.#unblamed.size > unblamedMax) this.#unblamed.delete(this.#unblamed.keys().next().value!)
    }
    for (const member of members) member.onEvent({ event: 'exited', exit: exitOf(member, exit, members) })
    if (members.length === 1 && !asked) this.#fault(members[0]!, exit, members)
  }

  /** Counts the end of a runner as one of the instance's doing. */
  #fault(member: Member, exit: RunnerExit, members: readonly Member[]): void {
    this.#past(member.request).policy.record('kill')
    this.#options.onExit?.(exitOf(member, exit, members))
    const { quarantined } = this.#past(member.request).policy
    if (quarantined === undefined) return
    this.#options.onQuarantined?.(member.request.instance, quarantined)
    member.onEvent({ event: 'quarantined', reason: quarantined })
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
    for (const { id, process, members, cpu, cpuShare } of this.#assigned.values()) {
      cpu.add(now, process.sample().cpuMs)
      if (cpu.used(cpu.windowMs) <= cpuShare * cpu.windowMs) continue
      for (const { onEvent } of members.values()) onEvent({ event: 'throttle', runner: id, pauseMs: throttleMs })
    }
  }
}

/** What its members may use together. Memory of one that has left is not given back at once, so that bound stays. */
function withBounds(assigned: Assigned): Assigned {
  const limits = [...assigned.members.values()].map(({ request }) => request.limits)
  const resident = limits.reduce((sum, each) => sum + residentBytesMax(each) - bareRunnerBytes, bareRunnerBytes)
  assigned.residentBytesMax = Math.max(assigned.residentBytesMax, resident)
  assigned.cpuShare = limits.reduce((sum, { cpuShare }) => sum + cpuShare, 0)
  return assigned
}

function exitOf(member: Member, exit: RunnerExit, members: readonly Member[]): RunnerExit {
  const { instance } = member.request
  const shared = members.map(({ request }) => request.instance).filter((other) => other !== instance)
  return { ...exit, instance, shared }
}
