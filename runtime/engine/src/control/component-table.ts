import { isDeepStrictEqual } from 'node:util'
import type { FromLane, Locations, PlainExports } from '../lane/protocol.ts'
import { LaneGoneError, type LaneSupervisor } from './lane-supervisor.ts'
import { RunningComponent, type DesiredComponent } from './running-component.ts'

export interface ComponentTableOptions {
  readonly lanes: LaneSupervisor
  /** How long a component may take to stop before its lane is told to forget it. */
  readonly shutdownDeadlineMs: number
  readonly onExports: (id: string) => void
  readonly log: (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void
}

export interface ApplyResult {
  readonly started: readonly string[]
  readonly updated: readonly string[]
  readonly stopped: readonly string[]
  readonly untouched: number
}

/** How long dependents wait for the first exports of a component that was just started. */
const firstExportsMs = 500

/** The components that run, and the only place that starts, updates and stops them. */
export class ComponentTable {
  readonly #options: ComponentTableOptions
  readonly #running = new Map<string, RunningComponent>()
  readonly #firstExports = new Map<string, () => void>()

  constructor(options: ComponentTableOptions) {
    this.#options = options
  }

  get(id: string): RunningComponent | undefined {
    return this.#running.get(id)
  }

  all(): readonly RunningComponent[] {
    return [...this.#running.values()]
  }

  /** Starts or updates one component so that it is as desired. Resolves to what was done. */
  async apply(desired: DesiredComponent): Promise<'started' | 'updated' | 'untouched'> {
    const running = this.#running.get(desired.id)
    if (!running) {
      await this.#start(desired)
      return 'started'
    }
    if (!running.sameCode(desired)) {
      await this.stop(desired.id)
      await this.#start(desired)
      return 'started'
    }
    if (running.sameArguments(desired)) {
      // Values that could not be evaluated for a while are back to what the component runs with.
      if (running.health.at('evaluation')) running.health.set('evaluation', 'healthy', 'component evaluated')
      return 'untouched'
    }
    await this.#update(running, desired)
    return 'updated'
  }

  async stop(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (!running) return
    const { lanes, shutdownDeadlineMs, log } = this.#options
    await Promise.all(
      running.desired.lanes.map(async (lane) => {
        const call = { kind: 'stop', id, withinMs: shutdownDeadlineMs } as const
        const stopped = await lanes.call<boolean>(lane, call).catch(() => true)
        if (!stopped)
          log('warn', 'component did not stop in time', { component_id: id, deadline_ms: shutdownDeadlineMs })
      }),
    )
    this.#running.delete(id)
    this.#sendLocations()
  }

  /** Waits until a component has set its exports once, has ended, or the bound has passed. */
  async awaitFirstExports(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (!running || running.exports || running.health.current.state === 'exited') return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, firstExportsMs)
      this.#firstExports.set(id, () => {
        clearTimeout(timer)
        resolve()
      })
    })
    this.#firstExports.delete(id)
  }

  onLaneMessage(lane: number, message: FromLane): void {
    switch (message.kind) {
      case 'exports':
        return this.#onExports(lane, message.id, message.exports)
      case 'health':
        this.#running.get(message.id)?.health.set(`reported ${lane}`, message.state, message.message)
        return
      case 'exited': {
        const text =
          message.error === undefined
            ? 'component shut down cleanly'
            : `component shut down with error: ${message.error}`
        this.#running.get(message.id)?.health.set(`run ${lane}`, 'exited', text)
        this.#firstExports.get(message.id)?.()
        this.#options.log(message.error === undefined ? 'info' : 'error', text, { component_id: message.id })
        return
      }
      case 'edge':
        this.#running
          .get(message.from)
          ?.addEdge(
            lane,
            { from: message.from, output: message.output, to: message.to, port: message.port },
            message.memory,
          )
    }
  }

  /** Settles the books of a lane that is gone. */
  onLaneLost(lane: number, reason: string): void {
    for (const running of this.#running.values()) {
      if (!running.desired.lanes.includes(lane)) continue
      const held = running.closeBooks(lane)
      running.health.clear(`reported ${lane}`)
      running.health.set(`run ${lane}`, 'unhealthy', `lane ${lane} is gone: ${reason}`)
      if (held > 0)
        this.#options.log('warn', 'records under way go back to where they came from', {
          component_id: running.desired.id,
          records: held,
        })
    }
  }

  /** Starts again what a restarted lane ran, receivers before senders (the order in which they were started). */
  async onLaneRestarted(lane: number): Promise<void> {
    this.#sendLocations()
    for (const running of this.#running.values()) {
      if (running.desired.lanes.includes(lane)) await this.#startIn(lane, running)
    }
  }

  async #start(desired: DesiredComponent): Promise<void> {
    const running = new RunningComponent(desired)
    this.#running.set(desired.id, running)
    this.#sendLocations()
    await Promise.all(desired.lanes.map((lane) => this.#startIn(lane, running)))
  }

  async #startIn(lane: number, running: RunningComponent): Promise<void> {
    const { id } = running.desired
    try {
      await this.#options.lanes.call(lane, { kind: 'start', spec: running.spec(lane) })
      if (running.health.current.state !== 'exited') running.health.set(`run ${lane}`, 'healthy', 'started component')
    } catch (error) {
      const text = `component evaluation failed: ${(error as Error).message}`
      running.health.set(`run ${lane}`, 'unhealthy', text)
      this.#firstExports.get(id)?.()
      this.#options.log('error', text, { component_id: id })
    }
  }

  async #update(running: RunningComponent, desired: DesiredComponent): Promise<void> {
    const before = running.desired
    running.desired = desired
    const { id, frame, policies } = desired
    try {
      await Promise.all(desired.lanes.map((lane) => this.#updateIn(lane, running, { id, frame, policies })))
      running.health.set('evaluation', 'healthy', 'component evaluated')
    } catch (error) {
      running.desired = { ...desired, frame: before.frame, policies: before.policies }
      running.health.set('evaluation', 'unhealthy', `component evaluation failed: ${(error as Error).message}`)
      this.#options.log('error', 'component keeps its former arguments', {
        component_id: id,
        error: (error as Error).message,
      })
    }
  }

  /** A component that failed to start or has ended is started with the new arguments; a running one takes them. */
  async #updateIn(
    lane: number,
    running: RunningComponent,
    change: Pick<DesiredComponent, 'id' | 'frame' | 'policies'>,
  ): Promise<void> {
    if (running.health.at(`run ${lane}`)?.state !== 'healthy') return this.#startIn(lane, running)
    try {
      await this.#options.lanes.call(lane, { kind: 'update', ...change })
    } catch (error) {
      // The lane that takes its place starts the component with the new arguments.
      if (!(error instanceof LaneGoneError)) throw error
    }
  }

  #onExports(lane: number, id: string, exports: PlainExports): void {
    const running = this.#running.get(id)
    if (!running || running.desired.lanes[0] !== lane) return
    this.#firstExports.get(id)?.()
    if (isDeepStrictEqual(running.exports, exports)) return
    running.exports = exports
    this.#options.onExports(id)
  }

  #sendLocations(): void {
    const locations: Locations = Object.fromEntries(
      [...this.#running].map(([id, running]) => [id, running.desired.lanes]),
    )
    for (let lane = 0; lane < this.#options.lanes.count; lane++)
      this.#options.lanes.post(lane, { kind: 'locations', locations })
  }
}
