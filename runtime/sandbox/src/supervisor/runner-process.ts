import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import type { ExitReason } from '../control.ts'
import type { Assignment } from '../protocol/messages.ts'
import { messagesOf, type Inspection } from './inspection.ts'
import { runnerEnvironment } from './launch.ts'
import { ProcessFacts } from './process-facts.ts'

const stderrBytesMax = 64 * 1024
/** The collector's own work comes first. */
const niceness = 5
const oomScore = '1000'

export interface ProcessEnd {
  readonly reason: ExitReason
  readonly detail: string
  readonly batch: number | undefined
  readonly peakRssBytes: number
  readonly cpuMs: number
  readonly lifetimeMs: number
  readonly stderr: string
}

/** One runner child: its standard input for the assignment, its numbers, and its end. */
export class RunnerProcess {
  readonly pid: number
  readonly facts: ProcessFacts
  readonly #child: ChildProcess
  readonly #inspection: Inspection | undefined
  readonly #startedAt = performance.now()
  #verdict: { readonly reason: ExitReason; readonly detail: string; readonly batch: number | undefined } | undefined
  #stderr = ''
  #peakRssBytes = 0
  #cpuMs = 0
  #ended = false

  /** With `inspection`, the runner stays connected with a debugger. */
  constructor(line: readonly string[], cwd: string, onEnd: (end: ProcessEnd) => void, inspection?: Inspection) {
    const [command, ...args] = line
    this.#child = spawn(command!, args, {
      cwd,
      env: runnerEnvironment,
      stdio: ['pipe', inspection ? 'pipe' : 'ignore', 'pipe'],
      detached: false,
    })
    if (this.#child.pid === undefined) {
      // The error event tells why; there is no process to watch.
      this.pid = 0
      this.facts = new ProcessFacts(0)
    } else {
      this.pid = this.#child.pid
      this.facts = new ProcessFacts(this.pid)
      lowerPriority(this.pid)
    }
    this.#child.stdin!.on('error', () => {})
    if (inspection)
      this.#child.stdout!.setEncoding('utf8').on(
        'data',
        messagesOf((text) => inspection.message(text)),
      )
    this.#inspection = inspection
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (this.#stderr.length < stderrBytesMax) this.#stderr = (this.#stderr + text).slice(0, stderrBytesMax)
    })
    const end = (reason: ExitReason, detail: string): void => {
      if (this.#ended) return
      this.#ended = true
      this.facts.close()
      inspection?.closed()
      onEnd(this.#describe(reason, detail))
    }
    this.#child.on('error', (error) => end('exited', `Cannot start a runner: ${error.message}`))
    // Not "exit": what it wrote last is still to be read then.
    this.#child.on('close', (code, signal) => end(...this.#classify(code, signal)))
  }

  get peakRssBytes(): number {
    return this.#peakRssBytes
  }

  get ended(): boolean {
    return this.#ended
  }

  assign(assignment: Assignment): void {
    const line = `${JSON.stringify(assignment)}\n`
    if (!this.#inspection) return void this.#child.stdin!.end(line)
    this.#child.stdin!.write(line)
    this.#inspection.opened((text) => void this.#child.stdin!.write(`${text}\n`))
  }

  /** Whether a debugger may pause it: then time says nothing. */
  get inspected(): boolean {
    return this.#inspection !== undefined
  }

  kill(reason: ExitReason, detail: string, batch?: number): void {
    if (this.#ended || this.#verdict) return
    this.#verdict = { reason, detail, batch }
    this.sample()
    this.#child.kill('SIGKILL')
  }

  /** Resident bytes and CPU time now. */
  sample(): { readonly residentBytes: number; readonly cpuMs: number } {
    const residentBytes = this.facts.residentBytes()
    if (residentBytes > this.#peakRssBytes) this.#peakRssBytes = residentBytes
    this.#cpuMs = this.facts.cpuMs() ?? this.#cpuMs
    return { residentBytes, cpuMs: this.#cpuMs }
  }

  /** Only memory: what is polled most often. */
  sampleMemory(): number {
    const residentBytes = this.facts.residentBytes()
    if (residentBytes > this.#peakRssBytes) this.#peakRssBytes = residentBytes
    return residentBytes
  }

  #classify(code: number | null, signal: NodeJS.Signals | null): [ExitReason, string] {
    if (this.#verdict) return [this.#verdict.reason, this.#verdict.detail]
    if (/out of memory|heap limit|Allocation failed/i.test(this.#stderr))
      return ['memory', `ended by ${signal ?? code}: out of memory`]
    if (signal === 'SIGKILL') return ['killed', 'killed by the system or by hand']
    if (signal) return ['crash', `ended by ${signal}`]
    return ['exited', `exited with code ${code}`]
  }

  #describe(reason: ExitReason, detail: string): ProcessEnd {
    return {
      reason,
      detail,
      batch: this.#verdict?.batch,
      peakRssBytes: this.#peakRssBytes,
      cpuMs: this.#cpuMs,
      lifetimeMs: performance.now() - this.#startedAt,
      stderr: this.#stderr,
    }
  }
}

/** Both are courtesies: a host that refuses them still has a working runner. */
function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, niceness)
    fs.writeFileSync(`/proc/${pid}/oom_score_adj`, oomScore)
  } catch {
    return
  }
}
