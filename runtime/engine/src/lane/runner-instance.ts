import { RunnerChannel, resolveLimits, type Broker, type ChannelEvents, type RunnerControl } from '@ingot/sandbox'
import type { Env, Outcome } from '@ingot/sdk'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { encodeFrame, type Batch } from '@ingot/telemetry'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerCells } from '../ledger/ledger-cells.ts'
import type { RoomInstance } from './lane-room.ts'
import type { OutputWiring } from './output-wiring.ts'
import { encodeExports } from './plain-exports.ts'
import type { FromLane, InstanceSpec } from './protocol.ts'

export interface RunnerInstanceOptions {
  readonly spec: InstanceSpec
  /** What is granted: calls of the module end here. */
  readonly env: Env
  readonly ledger: LedgerCells
  readonly wiring: OutputWiring
  readonly storageDir: string
  readonly control: RunnerControl
  readonly post: (message: FromLane) => void
}

/** An untrusted component in a runner that this lane feeds. */
export class RunnerInstance implements RoomInstance {
  readonly #options: RunnerInstanceOptions
  readonly #channel: RunnerChannel

  private constructor(options: RunnerInstanceOptions, code: Uint8Array) {
    const { spec, env, storageDir, control } = options
    this.#options = options
    this.#channel = new RunnerChannel({
      component: spec.id,
      code,
      sha256: spec.sha256,
      capabilities: Object.keys(spec.manifest.capabilities),
      values: plainValues(env),
      limits: resolveLimits(spec.limits),
      control,
      broker: brokerOf(env),
      quarantineDir: join(storageDir, 'quarantine', createHash('sha256').update(spec.id).digest('hex').slice(0, 24)),
      onQuarantine: 'block',
      events: this.#events(),
    })
  }

  /** Reads the bundle; its digest is checked against the manifest's before anything is sent. */
  static async open(options: RunnerInstanceOptions): Promise<RunnerInstance> {
    return new RunnerInstance(options, await readFile(options.spec.bundlePath))
  }

  async start(frame: ArgumentsFrame): Promise<void> {
    this.#wire(frame)
    await this.#channel.start(frame)
  }

  async update(frame: ArgumentsFrame): Promise<void> {
    await this.#channel.update(frame)
    this.#wire(frame)
  }

  async receive(port: string, batch: Batch): Promise<Outcome> {
    const { ledger } = this.#options
    ledger.received(batch.count)
    const { outcome, by, ledger: counted } = await this.#channel.deliver(port, encodeFrame(batch), batch.count)
    if (outcome.status === 'refused') ledger.refused(batch.count)
    else if (by === 'quarantine') ledger.quarantined(batch.count)
    else if (by === 'error') ledger.dropped(batch.count, outcome.status === 'dropped' ? outcome.reason : 'error')
    for (const counts of counted) this.#count(counts)
    return outcome
  }

  stop(withinMs: number): Promise<boolean> {
    return this.#channel.stop(withinMs)
  }

  debugInfo(): Promise<unknown> {
    return this.#channel.debugInfo()
  }

  #wire(frame: ArgumentsFrame): void {
    for (const binding of frame.outputs) this.#options.wiring.output(binding)
  }

  #events(): ChannelEvents {
    const { spec, env, post, wiring } = this.#options
    return {
      emit: (path, batch) => wiring.at(path).emit(batch),
      exports: (exports) => post({ kind: 'exports', id: spec.id, exports: encodeExports(exports) }),
      health: (state, message) => post({ kind: 'health', id: spec.id, state, message }),
      exited: (error) => post({ kind: 'exited', id: spec.id, ...(error && { error: error.message }) }),
      ledger: (counts) => this.#count(counts),
      log: ({ level, message, fields }) => env.log[level](message, fields),
      metric: (metric) => recordMetric(env, metric),
      lost: (loss) =>
        post({
          kind: 'log',
          level: 'warn',
          component: spec.id,
          message: 'sandbox lost and replaced',
          fields: { ...loss },
        }),
    }
  }

  #count({
    created = 0,
    sent = 0,
    merged = 0,
    quarantined = 0,
    queued,
    dropped = {},
  }: Parameters<ChannelEvents['ledger']>[0]): void {
    const { ledger } = this.#options
    ledger.created(created)
    ledger.sent(sent)
    ledger.merged(merged)
    ledger.quarantined(quarantined)
    if (queued !== undefined) ledger.queued(queued)
    for (const [reason, records] of Object.entries(dropped)) ledger.dropped(records, reason)
  }
}

/** Calls arrive checked against the table of capabilities; what is not on the env was not declared. */
function brokerOf(env: Env): Broker {
  return (property, method, args) => {
    const target = (env as unknown as Record<string, Record<string, (...values: readonly unknown[]) => unknown>>)[
      property
    ]
    return target![method]!(...args)
  }
}

/** What a module may read of its `env` without a call. */
function plainValues(env: Env): Readonly<Record<string, unknown>> {
  const { peers, host, server } = env as Partial<Env>
  return {
    ...(peers && { peers: { lane: peers.lane } }),
    ...(host && { host: { platform: host.platform, hostname: host.hostname } }),
    ...(server && { server: { internal: server.internal } }),
  }
}

function recordMetric({ metrics }: Env, metric: Parameters<ChannelEvents['metric']>[0]): void {
  const { name, help, labels, value, buckets = [] } = metric
  switch (metric.kind) {
    case 'counter':
      return metrics.counter(name, help, labels).add(value)
    case 'gauge':
      return metrics.gauge(name, help, labels).set(value)
    case 'gaugeAdd':
      return metrics.gauge(name, help, labels).add(value)
    case 'histogram':
      return metrics.histogram(name, help, buckets, labels).observe(value)
  }
}
