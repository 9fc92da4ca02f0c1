import { join } from 'node:path'
import type { Capability, CapabilityRequest, Env, HttpServer, Metrics, ServerRequest, ServerResponse } from '@ingot/sdk'
import type { ArgumentPath, ArgumentsFrame } from '@ingot/sdk/host'
import { Access, type CapabilityCount, type Denial } from './access/access.ts'
import { designation, type Designation, type Grant } from './access/designation.ts'
import { createClock } from './clock/broker.ts'
import { createCodec, createText } from './codec/broker.ts'
import { createVariables } from './env-read/broker.ts'
import { createFileReader } from './fs-read/broker.ts'
import { createFileWatcher } from './fs-watch/broker.ts'
import { createHostStats } from './host-stats/broker.ts'
import { createHttpClient } from './http-request/broker.ts'
import { createHttpServer } from './http-serve/broker.ts'
import type { HttpHandler } from './http-serve/http-listener.ts'
import { createLogger, type LogSink } from './log/broker.ts'
import { createPeers } from './peers/broker.ts'
import { createRandom } from './random/broker.ts'
import { createSelfMetrics } from './self-metrics/broker.ts'
import { openState } from './state/broker.ts'
import type { Lane } from './state/store.ts'
import { checked } from './untrusted/checked.ts'

/** What the room gives: what leads outside of a component, but not outside of the collector. */
export interface EnvServices {
  readonly log: LogSink
  /** The component's own, as `MetricsRegistry.scope(…).metrics`. */
  readonly metrics: Metrics
  /** The internal address, and the base path under which this component's mounts are served. */
  readonly internal: HttpServer['internal']
  mount(path: string, handler: HttpHandler): void
  /** Answers what is asked at the internal address. */
  requestInternal(request: ServerRequest): Promise<ServerResponse>
  selfMetrics(): Promise<Uint8Array>
}

export interface EnvOptions {
  /** The component's id, with the path of the custom components around it. */
  readonly id: string
  /** As in the manifest. Only these capabilities exist on the env. */
  readonly capabilities: Readonly<Record<string, readonly CapabilityRequest[]>>
  readonly grant?: Grant
  /** The arguments that designate: those that the component is started with. */
  readonly args: ArgumentsFrame
  /** Argument paths whose values come from untrusted components: they designate nothing. */
  readonly taintedPaths?: readonly ArgumentPath[]
  /** Folder of all components' durable data. */
  readonly dataDir: string
  /** Of the instance among those that share the work: `{ index: 0, count: 1 }` for a component with a single one, whatever lane it is in. */
  readonly lane: Lane
  readonly services: EnvServices
  readonly trusted: boolean
  readonly environment?: NodeJS.ProcessEnv
}

export interface CreatedEnv {
  readonly env: Env
  /** How often each capability was granted, used and denied. Live. */
  /** The last targets that each capability was denied. */
  readonly denials: Readonly<Partial<Record<Capability, readonly Denial[]>>>
  readonly counters: Readonly<Partial<Record<Capability, Readonly<CapabilityCount>>>>
  /** Takes new arguments: they designate from now on, the former ones no longer. */
  redesignate(args: ArgumentsFrame, taintedPaths?: readonly ArgumentPath[]): void
  /** Resolves when that many attempts to listen have come to an end, or when the env is closed. */
  untilListening(attempts: number): Promise<void>
  /** Ends connections, listeners, watches and files, and makes durable what is not yet. */
  close(): Promise<void>
}

/** The world of one component instance: exactly the declared capabilities, each within what is granted. */
export async function createEnv(options: EnvOptions): Promise<CreatedEnv> {
  const logger = createLogger(options.services.log, options.trusted)
  const access = new Access({
    trusted: options.trusted,
    audit: (message, fields) => options.services.log('warn', message, fields),
  })
  const designations = new Designations(access, options)
  const closers: (() => void | Promise<void>)[] = []
  let untilListening = (_attempts: number): Promise<void> => Promise.resolve()
  const made: Record<string, unknown> = {
    log: logger,
    metrics: options.services.metrics,
    codec: createCodec(access),
    text: createText(),
  }
  const close = async () => {
    await Promise.all(closers.map(async (one) => one()))
  }
  try {
    for (const name of Object.keys(options.capabilities)) {
      if (!Object.hasOwn(openers, name))
        throw new Error(`Cannot give ${options.id} the capability "${name}": it is unknown`)
      const capability = name as Capability
      const opened = await openers[capability]({ access, options, allowed: () => designations.of(capability) })
      made[opened.property] = options.trusted ? opened.value : checked(capability, opened.value, access)
      if (opened.close) closers.push(opened.close)
      if (opened.untilListening) untilListening = opened.untilListening
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    env: Object.freeze(made) as unknown as Env,
    counters: access.counts,
    denials: access.denials,
    redesignate: (args, taintedPaths) => designations.update(args, taintedPaths),
    untilListening,
    close,
  }
}

interface Opening {
  readonly access: Access
  readonly options: EnvOptions
  readonly allowed: () => Designation
}
interface Opened {
  readonly property: string
  readonly value: unknown
  readonly close?: () => void | Promise<void>
  readonly untilListening?: CreatedEnv['untilListening']
}

const openers: Readonly<Record<Capability, (opening: Opening) => Opened | Promise<Opened>>> = {
  'http.request': ({ access, options, allowed }) => {
    const { internal, requestInternal } = options.services
    const { client, close } = createHttpClient({ access, allowed, internalAddress: internal.address, requestInternal })
    return { property: 'http', value: client, close }
  },
  'http.serve': ({ access, options, allowed }) => {
    const { internal, mount } = options.services
    const { server, ...rest } = createHttpServer({ access, allowed, internal, mount })
    return { property: 'server', value: server, ...rest }
  },
  'fs.read': ({ access, allowed }) => {
    const { reader, close } = createFileReader(access, allowed)
    return { property: 'fs', value: reader, close }
  },
  'fs.watch': ({ access, allowed }) => {
    const { watcher, close } = createFileWatcher(access, allowed)
    return { property: 'watch', value: watcher, close }
  },
  'env.read': ({ access, options, allowed }) => ({
    property: 'vars',
    value: createVariables(access, allowed, options.environment ?? process.env),
  }),
  state: async ({ access, options }) => {
    const { state, close } = await openState(
      access,
      componentDirectory(options.dataDir, options.id),
      options.lane,
      (message, fields) => options.services.log('warn', message, fields),
    )
    return { property: 'state', value: state, close }
  },
  clock: ({ access }) => ({ property: 'clock', value: createClock(access) }),
  random: ({ access }) => ({ property: 'random', value: createRandom(access) }),
  peers: ({ access, options }) => ({ property: 'peers', value: createPeers(access, options.lane) }),
  'host.stats': ({ access }) => ({ property: 'host', value: createHostStats(access) }),
  'self.metrics': ({ access, options }) => ({
    property: 'self',
    value: createSelfMetrics(access, options.services.selfMetrics),
  }),
}

/** What each capability is allowed, computed once for each set of arguments. */
class Designations {
  readonly #access: Access
  readonly #options: EnvOptions
  readonly #current = new Map<Capability, Designation>()

  constructor(access: Access, options: EnvOptions) {
    this.#access = access
    this.#options = options
    this.update(options.args, options.taintedPaths)
  }

  of(capability: Capability): Designation {
    return this.#current.get(capability)!
  }

  update(args: ArgumentsFrame, taintedPaths: readonly ArgumentPath[] = []): void {
    for (const [name, requests] of Object.entries(this.#options.capabilities)) {
      const capability = name as Capability
      const allowed = designation(capability, requests, this.#options.grant ?? {}, args, taintedPaths)
      this.#current.set(capability, allowed)
      const hasTargets = requests.some(({ from, values }) => from !== undefined || values !== undefined)
      this.#access.declare(capability, hasTargets ? allowed.designated.length + allowed.granted.length : 1)
    }
  }
}

/** `/` separates custom components in an id; as a file name it is written in the way of URLs. */
export function componentDirectory(dataDir: string, id: string): string {
  const name = encodeURIComponent(id)
  return join(dataDir, /^\.+$/.test(name) ? `%2E${name.slice(1)}` : name)
}
