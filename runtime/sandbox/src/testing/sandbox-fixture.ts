import { delivered, type Env, type Outcome } from '@ingot/sdk'
import type { HostLedger, InstanceHost } from '@ingot/sdk/host'
import { decodeFrame, encodeFrame, Labels, type Batch, type LogsBatch, type PortType } from '@ingot/telemetry'
import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { RunnerInstance } from '../channel/runner-instance.ts'
import type { OnQuarantine } from '../channel/channel-options.ts'
import type { Degraded } from '../channel/error-rate.ts'
import type { RunnerGroup } from '../channel/runner-group.ts'
import type { Loss } from '../channel/runner-session.ts'
import type { RunnerControl, RunnerExit } from '../control.ts'
import type { Tape } from '../recording/tape.ts'
import { resolveLimits, type Limits } from '../limits.ts'
import { RunnerSupervisor, type SupervisorOptions } from '../supervisor/runner-supervisor.ts'

/** A real supervisor with folders of its own, and what it reported. */
export class SandboxFixture {
  readonly exits: RunnerExit[] = []
  readonly dir: string
  supervisor!: RunnerSupervisor
  #components = 0
  readonly #started: TestComponent[] = []

  static async open(options: Partial<SupervisorOptions> = {}): Promise<SandboxFixture> {
    const fixture = new SandboxFixture(await fs.mkdtemp(path.join(os.tmpdir(), 'ingot-sandbox-test-')))
    const onExit = (exit: RunnerExit): void => void fixture.exits.push(exit)
    const cacheDir = path.join(fixture.dir, 'cache')
    fixture.supervisor = await RunnerSupervisor.open({ cacheDir, onExit, ...options })
    return fixture
  }

  private constructor(dir: string) {
    this.dir = dir
  }

  /** A component whose source is given as text: real code in a real runner. */
  make(code: string, options: ComponentOptions = {}): TestComponent {
    const id = `test.component${++this.#components}`
    const component = new TestComponent(
      id,
      code,
      options.control ?? this.supervisor,
      path.join(this.dir, 'quarantine', id),
      options,
    )
    this.#started.push(component)
    return component
  }

  /** A component with one receiver and one output. `handler` is the body of the function that takes a batch. */
  async start(handler: string, options: ComponentOptions = {}): Promise<TestComponent> {
    const component = this.make(moduleCode(handler, options.before), options)
    await component.start()
    return component
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.map((component) => component.instance.stop(1_000)))
    await this.supervisor.close()
    await fs.rm(this.dir, { recursive: true, force: true })
  }
}

export interface ComponentOptions {
  readonly limits?: Partial<Limits>
  readonly capabilities?: readonly string[]
  readonly env?: object
  /** Code of the module outside of the handler. */
  readonly before?: string
  readonly control?: RunnerControl
  readonly group?: RunnerGroup
  readonly emit?: (batch: Batch) => Promise<Outcome>
  readonly sha256?: string
  readonly onQuarantine?: OnQuarantine
  readonly trusted?: boolean
  readonly tape?: Tape
  /** What the receiver of its output takes. */
  readonly types?: readonly PortType[]
}

export function moduleCode(handler: string, before = ''): string {
  return `${before}
const oneLine = ({ metadata, ...batch }, arena) => ({
  ...batch, count: 1, arena, starts: new Uint32Array(1), ends: new Uint32Array([arena.length]), streamIds: new Uint32Array(1),
  seconds: batch.seconds.slice(0, 1), nanos: batch.nanos.slice(0, 1),
})
export default {
  name: 'test',
  arguments: { parse: (value) => value },
  run({ args, env, receive, ledger, setExports, setHealth, onUpdate }) {
    const firstLine = (batch) => env.text.decode(batch.arena.subarray(batch.starts[0], batch.ends[0]))
    receive('receiver', async (batch) => {
      const report = (text) => args.forward_to.emit(oneLine(batch, env.text.encode(String(text))))
      ${handler}
    })
  },
}`
}

/** Echoes every batch but those that say "poison", for which it does what is given. */
export function poisoned(hostile: string): string {
  return `if (firstLine(batch).startsWith('poison')) { ${hostile} } return args.forward_to.emit(batch)`
}

export class TestComponent {
  readonly instance: RunnerInstance
  readonly quarantineDir: string
  readonly emitted: Batch[] = []
  readonly logs: { readonly level: string; readonly message: string; readonly fields: unknown }[] = []
  readonly losses: Loss[] = []
  /** When the last isolate or runner was lost. */
  lostAt: number | undefined
  readonly counts: Record<string, number> = {}
  exports: Record<string, unknown> = {}
  onExports: (exports: Record<string, unknown>) => void = () => {}
  health = ''
  readonly degraded: (Degraded | undefined)[] = []
  exit: { readonly error: Error | undefined } | undefined
  readonly #types: readonly PortType[]

  constructor(id: string, code: string, control: RunnerControl, quarantineDir: string, options: ComponentOptions) {
    this.quarantineDir = quarantineDir
    this.#types = options.types ?? ['loki.logs']
    const bytes = Buffer.from(code)
    this.instance = new RunnerInstance(this.#host(id, options), {
      code: bytes,
      sha256: options.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      capabilities: options.capabilities ?? [],
      limits: resolveLimits(options.limits),
      control,
      quarantineDir,
      deadLetterDir: `${quarantineDir}-dead`,
      onDegraded: (degraded) => void this.degraded.push(degraded),
      ...(options.onQuarantine && { onQuarantine: options.onQuarantine }),
      ...(options.group && { group: options.group }),
      ...(options.trusted && { trusted: true }),
      ...(options.tape && { tape: options.tape }),
      onLost: (loss) => {
        this.losses.push(loss)
        this.lostAt = performance.now()
      },
    })
  }

  /** What its handler threw, by what it logs. */
  get failures(): string {
    return this.logs.map(({ message }) => message).join('\n')
  }

  /** `secrets`: names of arguments that are secret. */
  async start(value: object = {}, secrets: readonly string[] = []): Promise<void> {
    const receivers = [{ component: 'test.sink', port: 'receiver', types: this.#types }]
    const frame = {
      value: { ...value, forward_to: null },
      outputs: [{ path: ['forward_to'], receivers }],
      secrets: secrets.map((name) => [name]),
    }
    await this.instance.start(frame, (error) => {
      this.exit = { error }
    })
  }

  send(...lines: readonly string[]): Promise<Outcome> {
    return this.instance.receive('receiver', logsOf(lines))
  }

  #host(id: string, options: ComponentOptions): InstanceHost {
    const log = (level: string) => (message: string, fields?: unknown) =>
      void this.logs.push({ level, message, fields })
    const env = {
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      metrics: {},
      ...options.env,
    } as unknown as Env
    return {
      id,
      env,
      ledger: this.#ledger(),
      output: () => ({ emit: (batch) => this.#emit(batch, options.emit), receivers: 1 }),
      exportsChanged: (exports) => {
        this.exports = exports
        this.onExports(exports)
      },
      healthChanged: (state, message) => {
        this.health = `${state}: ${message}`
      },
    }
  }

  async #emit(batch: Batch, emit: ComponentOptions['emit']): Promise<Outcome> {
    // A copy: its memory is used again once it is settled.
    this.emitted.push(decodeFrame(encodeFrame(batch)))
    return emit ? emit(batch) : delivered
  }

  #ledger(): HostLedger {
    const count = (name: string) => (records: number) => {
      this.counts[name] = (this.counts[name] ?? 0) + records
    }
    return {
      received: count('received'),
      refused: count('refused'),
      emitted: count('emitted'),
      created: count('created'),
      sent: count('sent'),
      merged: count('merged'),
      quarantined: count('quarantined'),
      queued: (records) => {
        this.counts['queued'] = records
      },
      dropped: (records, reason) => count(`dropped ${reason}`)(records),
    }
  }
}

export function logsOf(lines: readonly string[]): LogsBatch {
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

export function linesOf(batch: Batch): string[] {
  if (batch.type !== 'loki.logs') return []
  return Array.from({ length: batch.count }, (_, i) =>
    Buffer.from(batch.arena.subarray(batch.starts[i], batch.ends[i])).toString(),
  )
}

/** Waits for something that happens in other processes. */
export async function until(what: () => boolean, withinMs = 10_000): Promise<void> {
  const start = performance.now()
  while (!what()) {
    if (performance.now() - start > withinMs) throw new Error('Cannot go on: what was waited for did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
