import type { Capability, Env, HostStats, Peers } from '@ingot/sdk'
import { FakeClock } from './fake-clock.ts'
import { fakeCodec } from './fake-codec.ts'
import { FakeFiles } from './fake-files.ts'
import { FakeHttp } from './fake-http.ts'
import { FakeServer } from './fake-server.ts'
import { FakeState } from './fake-state.ts'
import { RealFiles } from './real-files.ts'
import { LogRecorder, MetricsRecorder } from './recorders.ts'

export interface FakeEnvOptions {
  /** Where time starts: milliseconds since the epoch. */
  readonly now?: number
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly vars?: Readonly<Record<string, string>>
  /** What `random.float` gives, in turn and again from the start. */
  readonly random?: readonly number[]
  readonly lane?: { readonly index: number; readonly count: number }
  /** What `env.self.scrape` gives. */
  readonly selfMetrics?: string
  readonly hostname?: string
}

/** The world of one component under test. It outlives restarts: state, files and time go on. */
export class FakeEnv {
  readonly clock: FakeClock
  readonly files: FakeFiles
  readonly http = new FakeHttp()
  readonly server = new FakeServer()
  readonly state = new FakeState()
  readonly log = new LogRecorder()
  readonly metrics = new MetricsRecorder()
  readonly vars: Map<string, string>
  readonly peers: FakePeers
  /** Undeclared capabilities that the component reached for. */
  readonly touched = new Set<string>()
  readonly #options: FakeEnvOptions
  readonly #realFiles: RealFiles | undefined
  #randomAt = 0

  constructor(options: FakeEnvOptions = {}, realFiles?: RealFiles) {
    this.#options = options
    this.#realFiles = realFiles
    this.clock = new FakeClock(options.now)
    this.files = new FakeFiles(() => this.clock.now(), options.files)
    this.vars = new Map(Object.entries(options.vars ?? {}))
    this.peers = new FakePeers(options.lane ?? { index: 0, count: 1 })
  }

  /** What the component sees: the always-there part and the declared capabilities. */
  of(capabilities: readonly Capability[]): Env {
    const files = this.#realFiles ?? this.files
    const all: Record<Capability, readonly [string, unknown]> = {
      'http.request': ['http', this.http],
      'http.serve': ['server', this.server],
      'fs.read': ['fs', files],
      'fs.watch': ['watch', files],
      'env.read': ['vars', { get: (name: string) => this.vars.get(name) }],
      state: ['state', this.state],
      clock: ['clock', this.clock],
      random: ['random', { float: () => this.#random() }],
      peers: ['peers', this.peers],
      'host.stats': ['host', this.#host()],
      'self.metrics': ['self', { scrape: async () => Buffer.from(this.#options.selfMetrics ?? '') }],
    }
    const env: Record<string, unknown> = {
      log: this.log,
      metrics: this.metrics,
      codec: fakeCodec,
      text: {
        decode: (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8'),
        encode: (text: string) => new TextEncoder().encode(text),
      },
    }
    for (const capability of capabilities) env[all[capability][0]] = all[capability][1]
    const undeclared = new Set(Object.values(all).map(([property]) => property))
    return new Proxy(env, {
      get: (target, name) => {
        if (typeof name === 'string' && undeclared.has(name) && !(name in target)) this.touched.add(name)
        return target[name as string]
      },
    }) as unknown as Env
  }

  /** What is still open or running on behalf of the component. */
  get leaks(): Readonly<Record<'sleeping' | 'openFiles' | 'watches' | 'listeners', number>> {
    const files = this.#realFiles ?? this.files
    return {
      sleeping: this.clock.sleeping,
      openFiles: files.openFiles,
      watches: files.watches,
      listeners: this.server.listeners,
    }
  }

  #random(): number {
    const values = this.#options.random ?? [0.5]
    return values[this.#randomAt++ % values.length]!
  }

  #host(): HostStats {
    const hostname = this.#options.hostname ?? 'test-host'
    return {
      platform: 'linux',
      hostname,
      uname: () => ({
        sysname: 'Linux',
        release: '6.1.0',
        version: '#1 SMP',
        machine: 'x86_64',
        nodename: hostname,
        domainname: '(none)',
      }),
    }
  }
}

/** Ownership that the test decides: everything at first. */
export class FakePeers implements Peers {
  readonly lane: Peers['lane']
  #owns: (key: string) => boolean = () => true
  readonly #callbacks: (() => void)[] = []

  constructor(lane: Peers['lane']) {
    this.lane = lane
  }

  owns(key: string): boolean {
    return this.#owns(key)
  }

  onChange(callback: () => void): void {
    this.#callbacks.push(callback)
  }

  /** Moves ownership, and tells the component. */
  setOwner(owns: (key: string) => boolean): void {
    this.#owns = owns
    for (const callback of this.#callbacks) callback()
  }
}

/**
 * Fakes for every capability: virtual time, files in memory, remotes by script.
 *
 * @example
 * ```ts
 * const env = fakeEnv({ files: { '/etc/app': 'one' } })
 * env.http.respond('http://loki:3100/', { status: 204 })
 * await env.clock.advance(60_000)
 * ```
 */
export function fakeEnv(options: FakeEnvOptions & { readonly realFiles?: boolean } = {}): FakeEnv {
  return new FakeEnv(options, options.realFiles ? new RealFiles() : undefined)
}
