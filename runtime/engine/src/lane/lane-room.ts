import { createEnv, type EnvServices, type FamilySnapshot, type MetricsRegistry } from '@ingot/capabilities'
import {
  refused,
  type LogFields,
  type Metrics,
  type Outcome,
  type ServerRequest,
  type ServerResponse,
} from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import { RunnerGroup } from '@ingot/sandbox'
import { accessMetrics } from './access-metrics.ts'
import { LedgerCells } from '../ledger/ledger-cells.ts'
import { OutputWiring } from './output-wiring.ts'
import { OwnLogs } from './own-logs.ts'
import { OrphanedQueues } from './orphaned-queues.ts'
import type { LanePeer } from './lane-peer.ts'
import type { ControlClient } from './control-client.ts'
import { addressesToListenOn, openInstance, startInstance, updateInstance, type RoomInstance } from './open-instance.ts'
import { encodeExports } from './plain-exports.ts'
import { Recorder } from './recorder.ts'
import { SourcePositions } from './source-positions.ts'
import type {
  AccessCounts,
  AccessDenials,
  InstanceAccess,
  FromLane,
  InstanceSpec,
  LaneStart,
  Locations,
  OwnLogLine,
  WireRequest,
  WireResponse,
} from './protocol.ts'
import type { ArgumentsFrame, InstanceHost, OutputBinding } from '@ingot/sdk/host'

/** How long a component's listeners are waited for before its start counts as settled all the same. */
const settleMs = 10_000
/** An instance that ended by itself has nothing left to wait for. */
const exitedStopMs = 1_000

type Mounts = Map<string, (request: ServerRequest) => Promise<ServerResponse>>

interface Running {
  readonly instance: RoomInstance
  readonly wiring: OutputWiring
  readonly mounts: Mounts
  readonly positions: SourcePositions
  readonly redesignate: (frame: ArgumentsFrame) => void
  readonly access: AccessCounts
  readonly denials: AccessDenials
  readonly share: number
  readonly close: () => Promise<void>
}

/** One lane's components, and the ways between them and to other lanes. */
export class LaneRoom {
  readonly #start: LaneStart
  readonly #registry: MetricsRegistry
  readonly #post: (message: FromLane) => void
  readonly #peers: ReadonlyMap<number, LanePeer>
  readonly #running = new Map<string, Running>()
  /** `undefined` until control has said for the first time where components run. */
  #locations: Map<string, readonly number[]> | undefined
  /** Components whose start has been tried here: before that, what is sent to them waits. */
  readonly #tried = new Set<string>()
  #awaitingStart: (() => void)[] = []
  readonly #client: ControlClient
  /** Instances that share runners: as many groups as the configuration has scopes of modules in scopes of its own. */
  readonly #groups = new Map<string, RunnerGroup>()
  /** What former senders have left to be sent from here. */
  readonly orphans = new OrphanedQueues(
    (component) => this.#linkTo(component),
    (directory) => this.#post({ kind: 'queue-sent', directory }),
  )
  #ownLogs: OwnLogs | undefined

  constructor(options: {
    readonly start: LaneStart
    readonly registry: MetricsRegistry
    readonly post: (message: FromLane) => void
    readonly peers: ReadonlyMap<number, LanePeer>
    readonly client: ControlClient
  }) {
    this.#start = options.start
    this.#registry = options.registry
    this.#post = options.post
    this.#peers = options.peers
    this.#client = options.client
  }

  async start(spec: InstanceSpec): Promise<void> {
    try {
      await this.#run(spec)
    } finally {
      this.#tried.add(spec.id)
      this.#wakeAwaitingStart()
    }
  }

  async #run(spec: InstanceSpec): Promise<void> {
    // One that has ended by itself still holds its place.
    await this.stop(spec.id, exitedStopMs)
    const ledger = new LedgerCells(spec.ledger)
    const mounts = new Map() as Mounts
    const wiring = new OutputWiring({
      from: spec.id,
      lane: this.#shareOf(spec),
      storageDir: this.#start.storageDir,
      ledger,
      linkTo: (component) => this.#linkTo(component),
      announce: (edge) => this.#post({ kind: 'edge', from: spec.id, ...edge }),
    })
    const opened: (() => void | Promise<void>)[] = [() => wiring.close()]
    const close = async (): Promise<void> => {
      for (const undo of opened.reverse()) await undo()
    }
    try {
      await this.#open(spec, { ledger, mounts, wiring, opened, close })
    } catch (error) {
      this.#running.delete(spec.id)
      await close()
      throw error
    }
  }

  async #open(
    spec: InstanceSpec,
    parts: Pick<Running, 'mounts' | 'wiring' | 'close'> & {
      readonly ledger: LedgerCells
      readonly opened: (() => void | Promise<void>)[]
    },
  ): Promise<void> {
    const { ledger, mounts, wiring, opened, close } = parts
    await wiring.prepare(spec.frame.outputs, spec.policies)
    const labels = { component_id: spec.id, component_path: modulePath(spec.id) }
    const metrics = this.#registry.scope(labels, spec.trusted)
    opened.push(() => metrics.remove())
    const positions = new SourcePositions(spec.bundlePath)
    const created = await createEnv({
      id: spec.id,
      capabilities: spec.manifest.capabilities,
      grant: spec.grant,
      args: spec.frame,
      trusted: spec.trusted,
      dataDir: spec.dataDir,
      lane: this.#shareOf(spec),
      services: this.#services(spec, mounts, metrics.metrics, positions),
    })
    opened.push(() => created.close())
    const host: InstanceHost = {
      id: spec.id,
      env: created.env,
      ledger,
      output: (binding) => wiring.output(binding),
      exportsChanged: (exports) => this.#post({ kind: 'exports', id: spec.id, exports: encodeExports(exports) }),
      healthChanged: (state, message) => this.#post({ kind: 'health', id: spec.id, state, message }),
    }
    const setAside = metrics.metrics.counter(
      'ingot_quarantined_batches_total',
      'Batches that ended their runner twice.',
    )
    const recorder = spec.recording === undefined ? undefined : new Recorder(spec.recording)
    if (recorder) opened.push(() => recorder.close())
    const instance = await openInstance(spec, {
      host,
      control: this.#client,
      group: spec.group === undefined ? undefined : this.#group(spec.group),
      storageDir: this.#start.storageDir,
      onQuarantinedBatch: () => setAside.add(),
      onDegraded: (degraded) => this.#post({ kind: 'degraded', id: spec.id, degraded }),
      tape: recorder?.tape,
    })
    this.#running.set(spec.id, {
      instance,
      wiring,
      mounts,
      positions,
      redesignate: created.redesignate,
      access: created.counters,
      denials: created.denials,
      share: this.#shareOf(spec).index,
      close,
    })
    await startInstance(instance, spec.frame, this.#onExit(spec.id, positions))
    void this.#settle(spec, created.untilListening)
  }

  /** Tells control once the instance listens where its arguments say, has ended, or took too long. */
  async #settle(spec: InstanceSpec, untilListening: (attempts: number) => Promise<void>): Promise<void> {
    const addresses = await addressesToListenOn(spec).catch(() => 0)
    if (addresses > 0) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, settleMs).unref())
      await Promise.race([untilListening(addresses), late])
    }
    this.#post({ kind: 'settled', id: spec.id })
  }

  async update(id: string, frame: ArgumentsFrame, policies: InstanceSpec['policies']): Promise<void> {
    const running = this.#get(id)
    await running.wiring.prepare(frame.outputs, policies)
    running.redesignate(frame)
    await updateInstance(running.instance, frame, this.#onExit(id, running.positions))
    running.wiring.commit(frame.outputs)
  }

  async stop(id: string, withinMs: number): Promise<boolean> {
    const running = this.#running.get(id)
    if (!running) return true
    const stopped = await running.instance.stop(withinMs)
    await this.#remove(id)
    return stopped
  }

  /** Waits until no edge that senders have lost holds its queue. */
  async edgesClosed(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ wiring }) => wiring.edgesClosed()))
  }

  /** Learns where components run now. */
  setLocations(locations: Locations): void {
    const before = this.#locations
    this.#locations = new Map(Object.entries(locations))
    for (const component of before?.keys() ?? []) if (!this.#locations.has(component)) this.#runsNowhere(component)
    this.#wakeAwaitingStart()
  }

  setLocation(component: string, lanes: readonly number[]): void {
    if (lanes.length > 0) this.#locations?.set(component, lanes)
    else if (this.#locations?.delete(component)) this.#runsNowhere(component)
    this.#wakeAwaitingStart()
  }

  /** What is under way to such a component goes back to its sender. */
  #runsNowhere(component: string): void {
    this.#tried.delete(component)
    for (const peer of this.#peers.values()) peer.giveBack(component)
  }

  async receive(component: string, port: string, batch: Batch): Promise<Outcome> {
    // A lane that has just begun gets batches before its components: they wait, bounded by their senders' edges.
    while (!this.#running.has(component) && this.#willStart(component))
      await new Promise<void>((resolve) => this.#awaitingStart.push(resolve))
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

  /** Sends the collector's own log lines to the receivers that its configuration lists. */
  async emitOwnLogs(output: OutputBinding, lines: readonly OwnLogLine[]): Promise<Outcome> {
    const { storageDir } = this.#start
    this.#ownLogs ??= new OwnLogs({ storageDir, linkTo: (component) => this.#linkTo(component) })
    return this.#ownLogs.emit(output, lines)
  }

  debugInfo(id: string): unknown {
    return this.#running.get(id)?.instance.debugInfo()
  }

  access(id: string): InstanceAccess {
    const { access: counts = {}, denials = {} } = this.#running.get(id) ?? {}
    return { counts, denials }
  }

  accessMetrics(): FamilySnapshot[] {
    return accessMetrics([...this.#running].map(([id, { access, share }]) => ({ id, access, share })))
  }

  #group(name: string): RunnerGroup {
    const known = this.#groups.get(name) ?? new RunnerGroup(this.#client)
    this.#groups.set(name, known)
    return known
  }

  #onExit(id: string, positions: SourcePositions): (error: Error | undefined) => void {
    return (error) => {
      const place = error?.stack === undefined ? undefined : positions.place(error.stack)
      const text = error && (place === undefined ? error.message : `${error.message} (${place})`)
      this.#post({ kind: 'exited', id, ...(text !== undefined && { error: text }) })
    }
  }

  #linkTo(component: string) {
    const local = this.#running.get(component)
    if (local) return { deliver: (port: string, batch: Batch) => local.instance.receive(port, batch) }
    if (this.#willStart(component))
      return { deliver: (port: string, batch: Batch) => this.receive(component, port, batch) }
    const lane = this.#locations?.get(component)?.[0]
    return lane === undefined ? undefined : this.#peers.get(lane)?.link(component)
  }

  /** Whether control has yet to start the component in this lane. */
  #willStart(component: string): boolean {
    if (!this.#locations) return true
    return this.#locations.get(component)?.includes(this.#start.index) === true && !this.#tried.has(component)
  }

  #wakeAwaitingStart(): void {
    const waiting = this.#awaitingStart
    this.#awaitingStart = []
    for (const wake of waiting) wake()
  }

  #services(spec: InstanceSpec, mounts: Mounts, metrics: Metrics, positions: SourcePositions): EnvServices {
    return {
      log: (level, message, fields) =>
        this.#post({ kind: 'log', level, component: spec.id, message, fields: withSources(fields, positions) }),
      metrics,
      mount: (path, handler) => void mounts.set(path.replace(/^\/+/, ''), handler),
      internal: { address: this.#start.internalAddress, basePath: `/api/v0/component/${spec.id}/` },
      selfMetrics: () => this.#client.selfMetrics(),
      requestInternal: (request) => this.#requestInternal(request),
    }
  }

  /** Whose share of the work an instance owns: a replicated component's is one of as many as there are lanes. */
  #shareOf({ manifest, room }: InstanceSpec): { readonly index: number; readonly count: number } {
    const { index, count } = this.#start
    return manifest.scaling === 'replicate' && room === 'lane' ? { index, count } : { index: 0, count: 1 }
  }

  /** A request to the internal address: to a component of this lane, or over the link to the lane that runs it. */
  async #requestInternal(request: ServerRequest): Promise<WireResponse> {
    const found = /^\/api\/v0\/component\/(.+)$/.exec(request.url)
    const id = found && this.#componentOf(found[1]!)
    if (!id) return { status: 404, headers: {}, body: new Uint8Array() }
    const inside = { ...request, url: found[1]!.slice(id.length + 1) }
    if (this.#running.has(id)) return this.serve(id, inside)
    const peer = this.#peers.get(this.#locations!.get(id)![0]!)
    return peer ? peer.request(id, inside) : { status: 503, headers: {}, body: new Uint8Array() }
  }

  /** The component whose id the path starts with; ids may contain slashes themselves. */
  #componentOf(path: string): string | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const id = path.slice(0, end)
      if (this.#locations?.has(id)) return id
    }
    return undefined
  }

  async #remove(id: string): Promise<void> {
    const running = this.#running.get(id)
    this.#running.delete(id)
    await running?.close()
  }

  #get(id: string): Running {
    const running = this.#running.get(id)
    if (!running) throw new Error(`Cannot update ${id}: it is not running in this lane`)
    return running
  }
}

/** An error's stack leads to the module's sources instead of its bundle. */
function withSources(fields: LogFields, positions: SourcePositions): LogFields {
  const { stack } = fields
  if (typeof stack !== 'string') return fields
  const place = positions.place(stack)
  return { ...fields, ...(place !== undefined && { at: place }), stack: positions.mapped(stack) }
}

/** The custom components around an instance, as Alloy labels it: `/` at the root. */
function modulePath(id: string): string {
  const end = id.lastIndexOf('/')
  return end < 0 ? '/' : `/${id.slice(0, end)}`
}
