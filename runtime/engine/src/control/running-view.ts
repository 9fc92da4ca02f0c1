import { renderMetrics, type MetricsSnapshot } from '@ingot/capabilities'
import type { CollectorView, ComponentDetail, ComponentInfo, LiveSnapshot, ReloadAnswer } from '../http/view.ts'
import type { WireRequest, WireResponse } from '../lane/protocol.ts'
import { collectorMetrics, type LogRecord } from './collector-metrics.ts'
import type { ComponentTable } from './component-table.ts'
import type { Configuration } from './configuration.ts'
import type { LaneSupervisor } from './lane-supervisor.ts'

/** How long a scrape of the collector's own metrics waits for a lane: one that is stuck must not hide the others. */
const laneMetricsTimeoutMs = 5_000

/** What the view is a view of. */
export interface RunningParts {
  readonly table: ComponentTable
  readonly lanes: LaneSupervisor
  configuration(): Configuration | undefined
  ready(): boolean
  /** `failed`: printed diagnostics when the last load did not hold. */
  load(): { readonly failed: string | undefined; readonly succeededAt: number }
  ownLog(): LogRecord
  reload(): Promise<ReloadAnswer>
}

/** The running collector as its HTTP server shows it. */
export class RunningView implements CollectorView {
  readonly #parts: RunningParts

  constructor(parts: RunningParts) {
    this.#parts = parts
  }

  get ready(): boolean {
    return this.#parts.ready()
  }

  get failedLoad(): string | undefined {
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
    return renderMetrics([own, ...lanes])
  }

  async #laneMetrics(lane: number): Promise<MetricsSnapshot> {
    const late = new Promise<MetricsSnapshot>((resolve) => setTimeout(resolve, laneMetricsTimeoutMs, []).unref())
    return Promise.race([this.#parts.lanes.call<MetricsSnapshot>(lane, { kind: 'metrics' }).catch(() => []), late])
  }

  hasModule(moduleID: string): boolean {
    return this.#parts.configuration()?.hasModule(moduleID) ?? false
  }

  components(moduleID: string): readonly ComponentInfo[] {
    return this.#parts.configuration()?.components(moduleID, this.#parts.table) ?? []
  }

  async component(id: string): Promise<ComponentDetail | undefined> {
    const configuration = this.#parts.configuration()
    const detail = configuration?.component(id, this.#parts.table)
    if (!configuration || !detail) return undefined
    const lane = this.#parts.table.get(id)?.desired.lanes[0]
    const debugInfo =
      lane === undefined ? undefined : await this.#parts.lanes.call(lane, { kind: 'debug', id }).catch(() => undefined)
    return { ...detail, debugInfo: configuration.printPlain(debugInfo) }
  }

  live(): LiveSnapshot {
    const { table, lanes } = this.#parts
    const restarts = lanes.restarts()
    return {
      at: Date.now(),
      components: table.all().map((running) => {
        const { state, message } = running.health.current
        return { id: running.desired.id, health: state, message, ledger: running.ledger() }
      }),
      edges: table.all().flatMap((running) => running.edges()),
      lanes: restarts.map((count, index) => ({ index, running: lanes.running(index), restarts: count })),
    }
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
