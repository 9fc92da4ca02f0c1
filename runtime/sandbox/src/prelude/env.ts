import type { Env, LogFields, Peers, Text } from '@ingot/sdk'
import { envSurface, objectSurface, type SurfaceEntry } from '../protocol/capability-table.ts'
import { fromRunner } from '../protocol/frame.ts'
import { labelName, metricName, type LoadMessage, type LogMessage, type MetricMessage } from '../protocol/messages.ts'
import type { Mark } from '../protocol/value.ts'
import { exactBuffer, type Bridge } from './bridge.ts'
import { capabilityError, type Calls } from './calls.ts'
import { turnMs } from './clock-and-chance.ts'

type Methods = Record<string, unknown>

export interface EnvOptions {
  readonly load: LoadMessage
  readonly bridge: Bridge
  readonly calls: Calls
  readonly text: Text
}

/**
 * The `env` of the module: what has no authority, and one property per granted capability. `endTurn` sends what was
 * collected during a turn.
 */
export function makeEnv(options: EnvOptions): { readonly env: Env; readonly endTurn: () => void } {
  const { load, bridge, calls, text } = options
  const metrics = new TurnMetrics(bridge)
  const env: Methods = {
    log: Object.freeze(makeLogger(bridge, load)),
    metrics: Object.freeze(makeMetrics(metrics)),
    codec: Object.freeze(makeCodec(bridge)),
    text: Object.freeze({ ...text }),
  }
  for (const [property, entry] of Object.entries(envSurface)) {
    if (!load.capabilities.includes(entry.capability)) continue
    const values = load.values[property] as Readonly<Record<string, unknown>> | undefined
    const methods = remoteMethods(property, property, entry, values ?? {}, calls)
    if (property === 'clock') Object.assign(methods, { now: () => bridge.now(), monotonic: () => bridge.monotonic() })
    // A single instance owns everything, and may ask about thousands of keys in one turn.
    if (property === 'peers' && (values?.['lane'] as Peers['lane'] | undefined)?.count === 1)
      methods['owns'] = () => true
    if (property === 'random') methods['float'] = () => bridge.random()
    env[property] = Object.freeze(methods)
  }
  return { env: Object.freeze(env) as unknown as Env, endTurn: () => metrics.flush() }
}

/** `type` names the surface for objects that its methods return; `target` the object in the lane. */
function remoteMethods(
  type: string,
  target: string | number,
  entry: Omit<SurfaceEntry, 'capability'>,
  values: Readonly<Record<string, unknown>>,
  calls: Calls,
): Methods {
  const methods: Methods = {}
  for (const method of entry.later) {
    const made = `${type}.${method}`
    const unmark = objectSurface[made] && ((mark: Mark) => remoteObject(made, mark, calls))
    methods[method] = (...args: unknown[]) => calls.call(target, method, args, unmark)
  }
  for (const method of entry.now) methods[method] = (...args: unknown[]) => calls.callSync(target, method, args)
  for (const name of entry.values) methods[name] = values[name]
  return methods
}

function remoteObject(type: string, mark: Mark, calls: Calls): unknown {
  const entry = objectSurface[type]
  if (mark.kind !== 'object' || !entry)
    throw new Error(`Cannot read the answer of ${type}: an object is not expected here`)
  const { id } = mark
  const object = remoteMethods(type, id, entry, (mark.values ?? {}) as Record<string, unknown>, calls)
  if (type === 'fs.open') {
    object['read'] = async (into: Uint8Array, position: number): Promise<number> => {
      const bytes = (await calls.call(id, 'read', [into.length, position])) as Uint8Array
      into.set(bytes)
      return bytes.length
    }
  }
  if (type === 'state.queue') {
    Object.defineProperty(object, 'pending', { get: () => calls.callSync(id, 'pending', []) })
  }
  return Object.freeze(object)
}

function makeLogger(bridge: Bridge, load: LoadMessage): Methods {
  const { logLinesPerSecondMax, logLineBytesMax } = load.limits
  let secondStart = 0
  let lines = 0
  let suppressed = 0
  const write = (level: LogMessage['level'], message: unknown, fields: LogFields | undefined): void => {
    // The turn's time: what is logged follows from what the lane sent.
    const now = turnMs()
    if (now - secondStart >= 1_000 || now < secondStart) {
      secondStart = now
      lines = 0
    }
    if (++lines > logLinesPerSecondMax) {
      suppressed++
      return
    }
    const entry: LogMessage = {
      level,
      message: String(message).slice(0, logLineBytesMax),
      ...(suppressed > 0 && { suppressed }),
    }
    suppressed = 0
    let line = JSON.stringify({ ...entry, ...(fields && { fields }) })
    if (line.length > logLineBytesMax) line = JSON.stringify(entry)
    bridge.post(fromRunner.log, 0, 0, 0, 0, line)
  }
  return {
    debug: (message: unknown, fields?: LogFields) => write('debug', message, fields),
    info: (message: unknown, fields?: LogFields) => write('info', message, fields),
    warn: (message: unknown, fields?: LogFields) => write('warn', message, fields),
    error: (message: unknown, fields?: LogFields) => write('error', message, fields),
  }
}

const metricNameShown = 64
/** Series whose changes are collected during one turn; more are sent one by one. */
const pendingMax = 256

/** Counters and gauges are collected during a turn: a component may count every record. */
class TurnMetrics {
  readonly #bridge: Bridge
  readonly #pending = new Map<string, { message: MetricMessage; value: number }>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  add(message: MetricMessage): void {
    const type = message.kind === 'gaugeAdd' ? 'gauge' : message.kind
    const key = `${type} ${message.name} ${message.labels ? JSON.stringify(message.labels) : ''}`
    const pending = this.#pending.get(key)
    if (pending && message.kind === 'gauge') Object.assign(pending, { message, value: message.value })
    else if (pending) pending.value += message.value
    else if (message.kind === 'histogram' || this.#pending.size >= pendingMax) this.#send(message)
    else this.#pending.set(key, { message, value: message.value })
  }

  flush(): void {
    if (this.#pending.size === 0) return
    for (const { message, value } of this.#pending.values()) this.#send({ ...message, value })
    this.#pending.clear()
  }

  #send(message: MetricMessage): void {
    this.#bridge.post(fromRunner.metric, 0, 0, 0, 0, JSON.stringify(message))
  }
}

/** The lane takes anything else for the work of a hostile runner. */
function checkMetric(name: unknown, labels: unknown): void {
  if (typeof name !== 'string' || !metricName.test(name))
    throw new TypeError(`Cannot make the metric "${String(name).slice(0, metricNameShown)}": its name is malformed`)
  for (const label of Object.keys(labels ?? {})) {
    if (!labelName.test(label))
      throw new TypeError(
        `Cannot make the metric "${name}": its label "${label.slice(0, metricNameShown)}" is malformed`,
      )
  }
}

function makeMetrics(metrics: TurnMetrics): Methods {
  type Labels = Readonly<Record<string, string>>
  const base = (name: string, help: string, labels?: Labels) => {
    checkMetric(name, labels)
    return { name, help, ...(labels && { labels }) }
  }
  return {
    counter: (name: string, help: string, labels?: Labels) => {
      const series = { kind: 'counter', ...base(name, help, labels) } as const
      return { add: (n = 1) => metrics.add({ ...series, value: n }) }
    },
    gauge: (name: string, help: string, labels?: Labels) => {
      const series = base(name, help, labels)
      return {
        set: (value: number) => metrics.add({ kind: 'gauge', ...series, value }),
        add: (n: number) => metrics.add({ kind: 'gaugeAdd', ...series, value: n }),
      }
    },
    histogram: (name: string, help: string, buckets: readonly number[], labels?: Labels) => {
      const series = { kind: 'histogram', ...base(name, help, labels), buckets } as const
      return { observe: (value: number) => metrics.add({ ...series, value }) }
    },
  }
}

/** Compression runs in the runner, beside the isolate. */
function makeCodec(bridge: Bridge): Methods {
  const run = (operation: string, data: Uint8Array, bytesMax: number): Uint8Array => {
    const result = bridge.kernel(operation, exactBuffer(data), bytesMax)
    if (typeof result === 'string')
      throw capabilityError({ name: 'CapabilityError', code: result, message: `Cannot ${operation} the data` })
    return new Uint8Array(result)
  }
  const later =
    (operation: string) =>
    async (data: Uint8Array, bytesMax = 0) =>
      run(operation, data, bytesMax)
  const now =
    (operation: string) =>
    (data: Uint8Array, bytesMax = 0) =>
      run(operation, data, bytesMax)
  return {
    gzip: later('gzip'),
    gunzip: later('gunzip'),
    zstd: later('zstd'),
    unzstd: later('unzstd'),
    snappy: now('snappy'),
    unsnappy: now('unsnappy'),
  }
}
