import { createEnv, type EnvServices, type MetricsRegistry } from '@ingot/capabilities'
import { refused, type ComponentDefinition, type Outcome, type ServerRequest, type ServerResponse } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import { pathToFileURL } from 'node:url'
import { LedgerCells } from '../ledger/ledger-cells.ts'
import { OutputWiring } from './output-wiring.ts'
import type { LanePeer } from './lane-peer.ts'
import { LaneInstance } from './lane-instance.ts'
import { RunnerInstance } from './runner-instance.ts'
import type { FromLane, InstanceSpec, LaneStart, Locations, WireRequest, WireResponse } from './protocol.ts'
import type { ArgumentsFrame } from '@ingot/sdk/host'

/** An instance that ended by itself has nothing left to wait for. */
const exitedStopMs = 1_000

/** What runs in a lane, seen from the lane: an instance in the lane's own thread or one in a runner. */
export interface RoomInstance {
  start(frame: ArgumentsFrame): Promise<void>
  update(frame: ArgumentsFrame): Promise<void>
  receive(port: string, batch: Batch): Promise<Outcome>
  stop(withinMs: number): Promise<boolean>
  debugInfo(): unknown
}

interface Running {
  readonly spec: InstanceSpec
  readonly instance: RoomInstance
  readonly wiring: OutputWiring
  readonly mounts: ReadonlyMap<string, (request: ServerRequest) => Promise<ServerResponse>>
  readonly close: () => Promise<void>
}

/** One lane's components, and the ways between them and to other lanes. */
export class LaneRoom {
  readonly #start: LaneStart
  readonly #registry: MetricsRegistry
  readonly #post: (message: FromLane) => void
  readonly #peers: ReadonlyMap<number, LanePeer>
  readonly #running = new Map<string, Running>()
  #locations: Locations = {}
  /** Asks control for the collector's own metrics. */
  readonly selfMetrics: () => Promise<Uint8Array>

  constructor(options: {
    readonly start: LaneStart
    readonly registry: MetricsRegistry
    readonly post: (message: FromLane) => void
    readonly peers: ReadonlyMap<number, LanePeer>
    readonly selfMetrics: () => Promise<Uint8Array>
  }) {
    this.#start = options.start
    this.#registry = options.registry
    this.#post = options.post
    this.#peers = options.peers
    this.selfMetrics = options.selfMetrics
  }

  async start(spec: InstanceSpec): Promise<void> {
    // One that has ended by itself still holds its place.
    await this.stop(spec.id, exitedStopMs)
    const ledger = new LedgerCells(spec.ledger)
    const mounts = new Map<string, (request: ServerRequest) => Promise<ServerResponse>>()
    const wiring = new OutputWiring({
      from: spec.id,
      lane: this.#start.index,
      storageDir: this.#start.storageDir,
      ledger,
      linkTo: (component) => this.#linkTo(component),
      announce: (edge) => this.#post({ kind: 'edge', from: spec.id, ...edge }),
    })
    await wiring.prepare(spec.frame.outputs, spec.policies)
    const { env, close, broker } = await createEnv({
      id: spec.id,
      capabilities: spec.manifest.capabilities,
      grant: spec.grant,
      frame: spec.frame,
      trusted: spec.room === 'lane',
      dataDir: spec.dataDir,
      lane: { index: this.#start.index, count: this.#start.count },
      services: this.#services(spec, mounts),
    })
    const shared = { spec, env, ledger, wiring, broker, post: this.#post }
    const instance: RoomInstance =
      spec.room === 'lane'
        ? new LaneInstance({ ...shared, definition: await loadDefinition(spec.bundlePath) })
        : new RunnerInstance({ ...shared, storageDir: this.#start.storageDir })
    this.#running.set(spec.id, { spec, instance, wiring, mounts, close })
    try {
      await instance.start(spec.frame)
    } catch (error) {
      await this.#remove(spec.id)
      throw error
    }
  }

  async update(id: string, frame: ArgumentsFrame, policies: InstanceSpec['policies']): Promise<void> {
    const running = this.#get(id)
    await running.wiring.prepare(frame.outputs, policies)
    await running.instance.update(frame)
    running.wiring.commit(frame.outputs)
  }

  async stop(id: string, withinMs: number): Promise<boolean> {
    const running = this.#running.get(id)
    if (!running) return true
    const stopped = await running.instance.stop(withinMs)
    await this.#remove(id)
    return stopped
  }

  /** Learns where components run now. What is under way to one that runs nowhere goes back to its sender. */
  setLocations(locations: Locations): void {
    for (const component of Object.keys(this.#locations)) {
      if (!locations[component]) for (const peer of this.#peers.values()) peer.giveBack(component)
    }
    this.#locations = locations
  }

  async receive(component: string, port: string, batch: Batch): Promise<Outcome> {
    const running = this.#running.get(component)
    return running ? running.instance.receive(port, batch) : refused('receiver not running')
  }

  /** Answers a request for a path that a component of this lane has mounted. */
  async serve(component: string, request: WireRequest): Promise<WireResponse> {
    const path = request.url.split('?', 1)[0]!.replace(/^\/+/, '')
    const handler = this.#running.get(component)?.mounts.get(path)
    if (!handler) return { status: 404, headers: {}, body: new Uint8Array() }
    try {
      const { status, headers = {}, body = '' } = await handler(request)
      return { status, headers, body: typeof body === 'string' ? new TextEncoder().encode(body) : body }
    } catch (error) {
      return { status: 500, headers: {}, body: new TextEncoder().encode(String(error)) }
    }
  }

  debugInfo(id: string): unknown {
    return this.#running.get(id)?.instance.debugInfo()
  }

  runnerEvent(id: string, event: { readonly event: string }): void {
    const instance = this.#running.get(id)?.instance
    if (instance instanceof RunnerInstance) instance.onControlEvent(event)
  }

  #linkTo(component: string) {
    const local = this.#running.get(component)
    if (local) return { deliver: (port: string, batch: Batch) => local.instance.receive(port, batch) }
    const lane = this.#locations[component]?.[0]
    return lane === undefined ? undefined : this.#peers.get(lane)?.link(component)
  }

  #services(spec: InstanceSpec, mounts: Map<string, (request: ServerRequest) => Promise<ServerResponse>>): EnvServices {
    return {
      log: (level, message, fields) => this.#post({ kind: 'log', level, component: spec.id, message, fields }),
      metrics: this.#registry,
      mount: (path, handler) => void mounts.set(path.replace(/^\/+/, ''), handler),
      internal: { address: this.#start.internalAddress, basePath: `/api/v0/component/${spec.id}/` },
      selfMetrics: this.selfMetrics,
      requestInternal: (request) => this.#requestInternal(request),
    }
  }

  /** A request to the internal address: to a component of this lane, or over the link to the lane that runs it. */
  async #requestInternal(request: WireRequest): Promise<WireResponse> {
    const found = /^\/api\/v0\/component\/(.+)$/.exec(request.url)
    const id = found && this.#componentOf(found[1]!)
    if (!id) return { status: 404, headers: {}, body: new Uint8Array() }
    const inside = { ...request, url: found[1]!.slice(id.length + 1) }
    if (this.#running.has(id)) return this.serve(id, inside)
    const peer = this.#peers.get(this.#locations[id]![0]!)
    return peer ? peer.request(id, inside) : { status: 503, headers: {}, body: new Uint8Array() }
  }

  /** The component whose id the path starts with; ids may contain slashes themselves. */
  #componentOf(path: string): string | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const id = path.slice(0, end)
      if (this.#locations[id]) return id
    }
    return undefined
  }

  async #remove(id: string): Promise<void> {
    const running = this.#running.get(id)
    this.#running.delete(id)
    this.#registry.remove(id)
    await running?.wiring.close()
    await running?.close()
  }

  #get(id: string): Running {
    const running = this.#running.get(id)
    if (!running) throw new Error(`Cannot update ${id}: it is not running in this lane`)
    return running
  }
}

/** Loads a bundle's default export. Node.js caches by URL, and the path carries the content's digest. */
async function loadDefinition(bundlePath: string): Promise<ComponentDefinition> {
  const module = (await import(pathToFileURL(bundlePath).href)) as { default: ComponentDefinition }
  return module.default
}
