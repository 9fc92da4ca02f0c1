import { renderMetrics, type MetricsSnapshot } from '@ingot/capabilities'
import { listQuarantine, type RunnerUsage } from '@ingot/sandbox'
import type {
  CapabilityUse,
  CollectorView,
  ComponentDetail,
  ComponentInfo,
  FailedLoad,
  LiveFunctions,
  LiveSnapshot,
  ReloadAnswer,
  RunnerDetail,
} from '../http/view.ts'
import type { InstanceAccess, WireRequest, WireResponse } from '../lane/protocol.ts'
import { deadLetterDir, quarantineDir } from '../lane/kept-batches.ts'
import { collectorMetrics, type LogRecord } from './collector-metrics.ts'
import type { ComponentTable } from './component-table.ts'
import type { Configuration } from './configuration.ts'
import type { FunctionCalls } from './functions/function-calls.ts'
import type { ImportedFunctions } from './functions/module-functions.ts'
import type { ImportHealth } from './imports/remote-imports.ts'
import type { LaneSupervisor } from './lane-supervisor.ts'
import type { ModuleWatch } from './module-watch.ts'
import { Recordings, type Recording, type RecordingBounds } from './recordings.ts'
import { withoutComponents } from './quiet-components.ts'
import type { RunnerHistory } from './runner-history.ts'

/** How long a scrape of the collector's own metrics waits for a lane: one that is stuck must not hide the others. */
const laneMetricsTimeoutMs = 5_000
/** Quarantined batches that are listed, the newest of them. */
const shownBatchesMax = 50

/** Denied targets that are shown of each capability. */
const shownDenialsMax = 10

/** What the view is a view of. */
export interface RunningParts {
  readonly table: ComponentTable
  readonly lanes: LaneSupervisor
  configuration(): Configuration | undefined
  ready(): boolean
  /** `failed`: when the last load did not hold. */
  load(): { readonly failed: FailedLoad | undefined; readonly succeededAt: number }
  orphans(): LiveSnapshot['orphans']
  ownLog(): LogRecord
  imports(): readonly ImportHealth[]
  readonly moduleWatch: Pick<ModuleWatch, 'findings' | 'looks'>
  readonly functions: FunctionCalls
  reload(): Promise<ReloadAnswer>
  runners(): RunnerHistory
  usage(id: string): Promise<RunnerUsage | undefined>
  resume(id: string): Promise<boolean>
  /** Starts a component anew, and sends what it is told and says to the recording's channel. Resolves to why that failed. */
  restart(id: string, recording: string): Promise<string | undefined>
  readonly storageDir: string
}

/** The running collector as its HTTP server shows it. */
export class RunningView implements CollectorView {
  readonly #parts: RunningParts
  readonly #recordings = new Recordings()

  constructor(parts: RunningParts) {
    this.#parts = parts
  }

  get ready(): boolean {
    return this.#parts.ready()
  }

  get failedLoad(): FailedLoad | undefined {
    return this.#parts.load().failed
  }

  reload(): Promise<ReloadAnswer> {
    return this.#parts.reload()
  }

  unhealthyComponents(): readonly string[] {
    return this.components('')
      .filter(({ health }) => health.state === 'unhealthy')
      .map(({ localID }) => localID)
  }

  async metrics(): Promise<string> {
    const live = this.live()
    const { failed, succeededAt } = this.#parts.load()
    const own = collectorMetrics(live, { successful: failed === undefined, succeededAt }, this.#parts.ownLog())
    const running = live.lanes.filter((lane) => lane.running)
    const lanes = await Promise.all(running.map(({ index }) => this.#laneMetrics(index)))
    const configured = new Set([...live.components, ...live.functions].map(({ id }) => id))
    const all = [own, this.#parts.runners().families(configured), ...lanes]
    const quiet = this.#parts.configuration()?.quiet ?? new Set()
    return renderMetrics(all.map((families) => withoutComponents(families, quiet)))
  }

  async #laneMetrics(lane: number): Promise<MetricsSnapshot> {
    const late = new Promise<MetricsSnapshot>((resolve) => setTimeout(resolve, laneMetricsTimeoutMs, []).unref())
    return Promise.race([this.#parts.lanes.call<MetricsSnapshot>(lane, { kind: 'metrics' }).catch(() => []), late])
  }

  hasModule(moduleID: string): boolean {
    return this.#parts.configuration()?.hasModule(moduleID) ?? false
  }

  components(moduleID: string): readonly ComponentInfo[] {
    const infos = this.#parts.configuration()?.components(moduleID, this.#parts.table) ?? []
    return infos.map((info) => ({ ...info, warnings: this.#warnings(info.module) }))
  }

  async component(id: string): Promise<ComponentDetail | undefined> {
    const configuration = this.#parts.configuration()
    const detail = configuration?.component(id, this.#parts.table)
    if (!configuration || !detail) return undefined
    const { lanes, table } = this.#parts
    const lane = table.get(id)?.desired.lanes[0]
    const [debugInfo, access, runner] = await Promise.all([
      lane === undefined ? undefined : lanes.call(lane, { kind: 'debug', id }).catch(() => undefined),
      this.#access(id),
      detail.room === 'runner' ? this.#runner(id) : undefined,
    ])
    const capabilities = detail.capabilities.map((one) => ({ ...one, ...access.get(one.name) }))
    const warnings = this.#warnings(detail.module)
    return { ...detail, debugInfo: configuration.printPlain(debugInfo), capabilities, runner, warnings }
  }

  /** What speaks against the module of a component. */
  #warnings(module: string | undefined): readonly string[] {
    const { findings } = this.#parts.moduleWatch
    return findings.filter((finding) => finding.module === module).map(({ message }) => message)
  }

  async resume(id: string): Promise<boolean | undefined> {
    const isKnown = this.#parts.table.get(id) || this.#parts.configuration()?.functions.has(id)
    return isKnown ? this.#parts.resume(id) : undefined
  }

  record(id: string, bounds: RecordingBounds): Promise<Recording> {
    const running = this.#parts.table.get(id)
    return this.#recordings.start(running?.desired, bounds, (channel) => this.#parts.restart(id, channel))
  }

  /** Uses and denials of each capability, over the lanes that run the component. */
  async #access(
    id: string,
  ): Promise<ReadonlyMap<string, Pick<CapabilityUse, 'targets' | 'used' | 'denied' | 'denials'>>> {
    const { lanes, table } = this.#parts
    const none: InstanceAccess = { counts: {}, denials: {} }
    const inLanes = await Promise.all(
      (table.get(id)?.desired.lanes ?? []).map((lane) =>
        lanes.call<InstanceAccess>(lane, { kind: 'access', id }).catch(() => none),
      ),
    )
    const names = new Set(inLanes.flatMap(({ counts }) => Object.keys(counts)))
    return new Map([...names].map((name) => [name, sumOf(inLanes, name)]))
  }

  async #runner(id: string): Promise<RunnerDetail> {
    const { storageDir, table } = this.#parts
    const [usage, batches, deadLetters] = await Promise.all([
      this.#parts.usage(id),
      listQuarantine(quarantineDir(storageDir, id), shownBatchesMax),
      listQuarantine(deadLetterDir(storageDir, id), shownBatchesMax),
    ])
    const degraded = table.get(id)?.degraded ?? false
    return { ...this.#parts.runners().of(id), degraded, usage, batches, deadLetters }
  }

  live(): LiveSnapshot {
    const { table, lanes } = this.#parts
    const restarts = lanes.restarts()
    return {
      at: Date.now(),
      components: table.all().map((running) => {
        const { state, message } = running.health.current
        const { degraded } = running
        return { id: running.desired.id, health: state, message, ledger: running.ledger(), degraded }
      }),
      edges: table.all().flatMap((running) => running.edges()),
      orphans: this.#parts.orphans(),
      imports: this.#parts.imports().map(({ id, state, message }) => ({ id, health: state, message })),
      functions: this.#functions(),
      modules: this.#parts.moduleWatch.findings,
      registries: this.#parts.moduleWatch.looks,
      lanes: restarts.map((count, index) => ({ index, running: lanes.running(index), restarts: count })),
    }
  }

  #functions(): readonly LiveFunctions[] {
    const imported = this.#parts.configuration()?.functions ?? new Map<string, ImportedFunctions>()
    return [...imported].map(([id, { code, loaded }]) => ({
      id,
      module: loaded.module,
      names: loaded.functions.map(({ name }) => name),
      room: code.room,
      ...this.#parts.functions.facts(id),
      runner: this.#parts.runners().of(id),
    }))
  }

  async serveComponent(
    path: string,
    request: Omit<WireRequest, 'url'> & { readonly query: string },
  ): Promise<WireResponse | undefined> {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const running = this.#parts.table.get(path.slice(0, end))
      if (!running) continue
      const { query, ...rest } = request
      const url = `${path.slice(end)}${query ? `?${query}` : ''}`
      return this.#parts.lanes.call<WireResponse>(running.desired.lanes[0]!, {
        kind: 'serve',
        id: running.desired.id,
        request: { ...rest, url },
      })
    }
    return undefined
  }
}

/** All lanes are allowed the same; what they did is added up. */
function sumOf(inLanes: readonly InstanceAccess[], name: string) {
  const sum = { targets: 0, used: 0, denied: 0 }
  for (const { counts } of inLanes) {
    const { granted = 0, used = 0, denied = 0 } = counts[name] ?? {}
    sum.targets = Math.max(sum.targets, granted)
    sum.used += used
    sum.denied += denied
  }
  const denials = inLanes.flatMap((one) => one.denials[name] ?? []).toSorted((a, b) => b.at.localeCompare(a.at))
  return { ...sum, denials: denials.slice(0, shownDenialsMax) }
}
