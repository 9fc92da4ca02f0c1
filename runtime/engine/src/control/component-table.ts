import type { Degraded } from '@ingot/sandbox'
import { isDeepStrictEqual } from 'node:util'
import type { FromLane, Locations, PlainExports } from '../lane/protocol.ts'
import type { Health } from './health.ts'
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

/** What became of one component. */
export interface Applied {
  readonly what: 'started' | 'updated' | 'untouched'
  /** Why it could not become what was desired: then it is in every lane what it was before, or does not run. */
  readonly failed?: string | undefined
}

/** The components that ran at one moment, and how. */
export type Checkpoint = ReadonlyMap<string, Kept>
interface Kept {
  readonly running: RunningComponent
  readonly desired: DesiredComponent
  readonly evaluation: Health | undefined
}

/** How long dependents wait for the first exports of a component that was just started. */
const firstExportsMs = 500

/** The components that run, and the only place that starts, updates and stops them: each in all of its lanes or in none. */
export class ComponentTable {
  readonly #options: ComponentTableOptions
  readonly #running = new Map<string, RunningComponent>()
  readonly #firstExports = new Map<string, () => void>()
  /** Lanes that know where components run: they are told changes alone. */
  readonly #located = new Set<number>()
  /** Instances that have been started and have not said yet that they listen where they are to. */
  readonly #settling = new Set<string>()
  #awaitingSettled: (() => void)[] = []

  constructor(options: ComponentTableOptions) {
    this.#options = options
  }

  get(id: string): RunningComponent | undefined {
    return this.#running.get(id)
  }

  all(): readonly RunningComponent[] {
    return [...this.#running.values()]
  }

  /** Asks the component's own schema, in a lane and without running it. Resolves to why it refuses its arguments. */
  async check(desired: DesiredComponent): Promise<string | undefined> {
    const { id, bundlePath, sha256, frame, room } = desired
    // A runner is asked when it runs the code: only there may it be loaded.
    if (room === 'runner' || this.#running.get(id)?.sameArguments(desired)) return undefined
    const call = { kind: 'check', code: { id, bundlePath, sha256 }, frame } as const
    return this.#failure(this.#options.lanes.call(desired.lanes[0]!, call))
  }

  /** Starts or updates one component so that it is as desired. */
  async apply(desired: DesiredComponent): Promise<Applied> {
    const running = this.#running.get(desired.id)
    if (!running) return this.#start(desired)
    if (!running.sameCode(desired)) return this.#replace(running, desired)
    if (running.sameArguments(desired)) return this.#keep(running)
    return this.#update(running, desired)
  }

  async stop(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (!running) return
    await this.#stopInLanes(running)
    this.#running.delete(id)
    this.#sendLocation(id)
  }

  /** Starts a component anew as it is, for a recording: its state is known from then on. Resolves to why that failed. */
  async restart(id: string, recording: string): Promise<string | undefined> {
    const running = this.#running.get(id)
    if (!running) return 'it is no longer there'
    running.recording = recording
    await this.stop(id)
    const failed = await this.#startAgain(running)
    running.recording = undefined
    return failed
  }

  checkpoint(): Checkpoint {
    return new Map(
      [...this.#running].map(([id, running]) => {
        return [id, { running, desired: running.desired, evaluation: running.health.at('evaluation') }]
      }),
    )
  }

  /** Makes one component again what it was. Resolves to why that did not work: then it is shown as unhealthy. */
  async restore(id: string, checkpoint: Checkpoint): Promise<string | undefined> {
    const kept = checkpoint.get(id)
    if (!kept) {
      await this.stop(id)
      return undefined
    }
    const { running, desired, evaluation } = kept
    if (this.#running.get(id) !== running) {
      await this.stop(id)
      running.desired = desired
      return this.#startAgain(running)
    }
    if (running.desired !== desired) {
      running.desired = desired
      const failed = await this.#updateBack(running)
      if (failed !== undefined) return failed
    }
    if (evaluation) running.health.set('evaluation', evaluation.state, evaluation.message)
    else running.health.clear('evaluation')
    return undefined
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

  /** Waits until every instance that has been started listens where it is to, or will not. Lanes bound the wait. */
  async untilSettled(): Promise<void> {
    while (this.#settling.size > 0) await new Promise<void>((resolve) => this.#awaitingSettled.push(resolve))
  }

  onLaneMessage(lane: number, message: FromLane): void {
    switch (message.kind) {
      case 'exports':
        return this.#onExports(lane, message.id, message.exports)
      case 'health':
        this.#running.get(message.id)?.health.set(`reported ${lane}`, message.state, message.message)
        return
      case 'degraded':
        this.#degraded(lane, message.id, message.degraded)
        return
      case 'exited': {
        const text =
          message.error === undefined
            ? 'component shut down cleanly'
            : `component shut down with error: ${message.error}`
        this.#running.get(message.id)?.health.set(`run ${lane}`, 'exited', text)
        this.#firstExports.get(message.id)?.()
        this.#settled(lane, message.id)
        this.#options.log(message.error === undefined ? 'info' : 'error', text, { component_id: message.id })
        return
      }
      case 'settled':
        return this.#settled(lane, message.id)
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
    this.#located.delete(lane)
    for (const running of this.#running.values()) {
      if (!running.desired.lanes.includes(lane)) continue
      const held = running.closeBooks(lane)
      this.#settled(lane, running.desired.id)
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
    this.#sendLocations(lane)
    for (const running of this.#running.values()) {
      if (running.desired.lanes.includes(lane)) await this.#startIn(lane, running)
    }
  }

  async #start(desired: DesiredComponent): Promise<Applied> {
    const running = new RunningComponent(desired)
    return { what: 'started', failed: await this.#startAgain(running) }
  }

  /** Other code, another room or other lanes. If the new one does not start, the former one is started again. */
  async #replace(running: RunningComponent, desired: DesiredComponent): Promise<Applied> {
    await this.stop(desired.id)
    const { what, failed } = await this.#start(desired)
    if (failed === undefined) return { what }
    await this.stop(desired.id)
    await this.#startAgain(running)
    this.#keepsFormer(running, failed)
    return { what, failed }
  }

  /** Takes a component into the table and starts it. Resolves to why that failed in a lane: then it runs in none. */
  async #startAgain(running: RunningComponent, where = running.desired.lanes): Promise<string | undefined> {
    this.#running.set(running.desired.id, running)
    this.#sendLocation(running.desired.id)
    const failed = first(await Promise.all(where.map((lane) => this.#startIn(lane, running))))
    if (failed === undefined) return undefined
    await this.#stopInLanes(running)
    for (const lane of running.desired.lanes) running.health.set(`run ${lane}`, 'unhealthy', evaluationFailed(failed))
    return failed
  }

  /** A component that has ended by itself or never started gets another try; any other is left alone. */
  async #keep(running: RunningComponent): Promise<Applied> {
    const { health, desired } = running
    // Values that could not be evaluated for a while are back to what the component runs with.
    if (health.at('evaluation')) health.set('evaluation', 'healthy', 'component evaluated')
    const down = desired.lanes.filter((lane) => health.at(`run ${lane}`)?.state !== 'healthy')
    // Failing again changes nothing.
    if (down.length > 0) await this.#startAgain(running, down)
    return { what: down.some((lane) => health.at(`run ${lane}`)?.state === 'healthy') ? 'started' : 'untouched' }
  }

  #degraded(lane: number, id: string, degraded: Degraded | undefined): void {
    const health = this.#running.get(id)?.health
    if (degraded) {
      const { errors, batches } = degraded
      const text = `degraded: it failed with ${errors} of ${batches} batches within a minute`
      health?.set(`degraded ${lane}`, 'unhealthy', text)
      this.#options.log('warn', 'module degraded', { component_id: id, errors, batches })
    } else {
      health?.clear(`degraded ${lane}`)
      this.#options.log('info', 'module no longer degraded', { component_id: id })
    }
  }

  async #startIn(lane: number, running: RunningComponent): Promise<string | undefined> {
    const { health, desired } = running
    health.clear(`run ${lane}`)
    health.clear(`reported ${lane}`)
    health.clear(`degraded ${lane}`)
    this.#settling.add(`${lane} ${desired.id}`)
    const failed = await this.#failure(
      this.#options.lanes.call(lane, { kind: 'start', spec: running.spec(lane) }).then(() => {
        if (health.at(`run ${lane}`)?.state !== 'exited') health.set(`run ${lane}`, 'healthy', 'started component')
      }),
    )
    if (failed !== undefined || health.at(`run ${lane}`)?.state !== 'healthy') this.#settled(lane, desired.id)
    if (failed === undefined) {
      if (!health.at(`run ${lane}`)) health.set(`run ${lane}`, 'unhealthy', `lane ${lane} is gone`)
      return undefined
    }
    health.set(`run ${lane}`, 'unhealthy', evaluationFailed(failed))
    this.#firstExports.get(desired.id)?.()
    this.#options.log('error', evaluationFailed(failed), { component_id: desired.id, lane })
    return failed
  }

  async #stopInLanes({ desired: { id, lanes: where } }: RunningComponent): Promise<void> {
    const { lanes, shutdownDeadlineMs, log } = this.#options
    await Promise.all(
      where.map(async (lane) => {
        const call = { kind: 'stop', id, withinMs: shutdownDeadlineMs } as const
        const stopped = await lanes.call<boolean>(lane, call).catch(() => true)
        if (!stopped)
          log('warn', 'component did not stop in time', { component_id: id, deadline_ms: shutdownDeadlineMs })
      }),
    )
  }

  async #update(running: RunningComponent, desired: DesiredComponent): Promise<Applied> {
    const before = running.desired
    running.desired = desired
    const failed = first(await Promise.all(desired.lanes.map((lane) => this.#updateIn(lane, running))))
    if (failed === undefined) {
      running.health.set('evaluation', 'healthy', 'component evaluated')
      return { what: 'updated' }
    }
    running.desired = before
    await this.#updateBack(running)
    this.#keepsFormer(running, failed)
    return { what: 'updated', failed }
  }

  /** A component that failed to start or has ended is started with the new arguments; a running one takes them. */
  async #updateIn(lane: number, running: RunningComponent): Promise<string | undefined> {
    if (running.health.at(`run ${lane}`)?.state !== 'healthy') return this.#startIn(lane, running)
    return this.#failure(this.#callUpdate(lane, running))
  }

  /**
   * Gives every lane the arguments that are the last good ones. No lane can say how much of the others it had taken: an
   * instance that does not take these is started anew with them.
   */
  async #updateBack(running: RunningComponent): Promise<string | undefined> {
    return first(
      await Promise.all(
        running.desired.lanes.map(async (lane) => {
          const failed = await this.#updateIn(lane, running)
          return failed === undefined ? undefined : this.#startIn(lane, running)
        }),
      ),
    )
  }

  #callUpdate(lane: number, { desired: { id, frame, policies } }: RunningComponent): Promise<unknown> {
    return this.#options.lanes.call(lane, { kind: 'update', id, frame, policies })
  }

  #keepsFormer(running: RunningComponent, failed: string): void {
    running.health.set('evaluation', 'unhealthy', evaluationFailed(failed))
    this.#options.log('error', 'component keeps its former arguments', {
      component_id: running.desired.id,
      error: failed,
    })
  }

  /** Why a call failed. That a lane is gone is no failure: the lane that takes its place starts what is desired then. */
  async #failure(call: Promise<unknown>): Promise<string | undefined> {
    try {
      await call
      return undefined
    } catch (error) {
      return error instanceof LaneGoneError ? undefined : (error as Error).message
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

  #settled(lane: number, id: string): void {
    this.#settling.delete(`${lane} ${id}`)
    if (this.#settling.size > 0) return
    for (const resolve of this.#awaitingSettled.splice(0)) resolve()
  }

  /** Tells every lane where a component runs now; one that has been told nothing yet learns all of it. */
  #sendLocation(component: string): void {
    const lanes = this.#running.get(component)?.desired.lanes ?? []
    for (let lane = 0; lane < this.#options.lanes.count; lane++) {
      if (this.#located.has(lane)) this.#options.lanes.post(lane, { kind: 'location', component, lanes })
      else this.#sendLocations(lane)
    }
  }

  #sendLocations(lane: number): void {
    const entries = [...this.#running].map(([id, running]) => [id, running.desired.lanes] as const)
    const locations: Locations = Object.fromEntries(entries)
    this.#options.lanes.post(lane, { kind: 'locations', locations })
    this.#located.add(lane)
  }
}

function first(failures: readonly (string | undefined)[]): string | undefined {
  return failures.find((failed) => failed !== undefined)
}

/** As Alloy says it. */
export function evaluationFailed(reason: string): string {
  return `component evaluation failed: ${reason}`
}
