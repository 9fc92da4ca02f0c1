import { evaluationFailed, type Checkpoint, type ComponentTable } from './component-table.ts'
import type { Configuration, ExportsChanges, LoadAgain } from './configuration.ts'
import type { LaneSupervisor } from './lane-supervisor.ts'

export interface RunningGraphOptions {
  readonly table: ComponentTable
  readonly lanes: LaneSupervisor
}

export interface Switched {
  readonly started: readonly string[]
  readonly updated: readonly string[]
  readonly stopped: readonly string[]
  readonly untouched: number
  /** Components that could not become what was desired. */
  readonly failures: readonly ComponentFailure[]
  /** Why the configuration has to be loaded again, if it has: what components exported meanwhile. */
  readonly again: LoadAgain | undefined
}
export interface ComponentFailure {
  readonly id: string
  readonly message: string
}

/** The configuration that runs, and the only way from one to the next: all of it, or nothing. */
export class RunningGraph {
  readonly #options: RunningGraphOptions
  #configuration: Configuration | undefined
  #changedExports = new Set<string>()

  constructor(options: RunningGraphOptions) {
    this.#options = options
  }

  get configuration(): Configuration | undefined {
    return this.#configuration
  }

  /** Brings up the lanes and asks every component that is new or changed whether it takes its arguments. Nothing of it runs. */
  async check(next: Configuration): Promise<readonly ComponentFailure[]> {
    const { lanes, table } = this.#options
    if (!lanes.started) lanes.setCount(next.lanes)
    if (next.order.length > 0) await lanes.start()
    const refusals = await Promise.all(
      next.order.map(async (id) => {
        const desired = next.desired(id)
        const message = desired && (await table.check(desired))
        return message === undefined ? [] : [{ id, message }]
      }),
    )
    return refusals.flat()
  }

  /**
   * Makes the running components those of `next`, receivers before senders.
   * @param whatHolds leaves components that fail as they were and keeps the others; otherwise all become again what they were
   */
  async switchTo(next: Configuration, whatHolds: boolean): Promise<Switched> {
    const { table } = this.#options
    const before = this.#configuration
    const checkpoint = table.checkpoint()
    this.#configuration = next
    const wanted = new Set(next.order)
    const stopped = (before?.order ?? []).filter((id) => !wanted.has(id)).reverse()
    for (const id of stopped) await table.stop(id)
    const done = { started: [] as string[], updated: [] as string[], untouched: 0, stopped }
    const failures: ComponentFailure[] = []
    const changed = new Set<string>()
    let again: LoadAgain | undefined
    for (const level of next.levels) {
      failures.push(...(await this.#applyLevel(level, next, done)))
      const exported = this.#takeExports()
      for (const id of exported) changed.add(id)
      if (failures.length > 0 && before && !whatHolds)
        return this.#restore(before, next, { checkpoint, changed, failures })
      const changes = await next.exportsChanged(exported)
      again = stronger(again, changes.again)
      this.#showFailures(changes)
    }
    return { ...done, failures, again }
  }

  /** Ends the components of a module that must not run any longer: who sends to them waits. @returns those that ran */
  async block(module: string, reason: string): Promise<readonly string[]> {
    const { table } = this.#options
    const ids = this.#configuration?.block(module, reason) ?? []
    for (const id of [...ids].reverse()) await table.stop(id)
    return ids
  }

  /** Stops components from sources to sinks, so that what is under way still arrives. */
  async stop(): Promise<void> {
    for (const level of [...(this.#configuration?.levels ?? [])].reverse())
      await Promise.all(level.map((id) => this.#options.table.stop(id)))
  }

  /** @returns whether it is the first one that {@link propagateExports} has yet to see */
  exportsChanged(id: string): boolean {
    this.#changedExports.add(id)
    return this.#changedExports.size === 1
  }

  /** Gives new exports to those that are evaluated from them. @returns why the configuration has to be loaded again */
  async propagateExports(): Promise<LoadAgain | undefined> {
    return this.#propagate(this.#takeExports())
  }

  async #propagate(changed: ReadonlySet<string>): Promise<LoadAgain | undefined> {
    const changes = changed.size > 0 ? await this.#configuration?.exportsChanged(changed) : undefined
    if (!changes) return undefined
    this.#showFailures(changes)
    for (const { desired } of changes.components) if (desired) await this.#options.table.apply(desired)
    return changes.again
  }

  async #applyLevel(
    level: readonly string[],
    next: Configuration,
    done: { readonly started: string[]; readonly updated: string[]; untouched: number },
  ): Promise<readonly ComponentFailure[]> {
    const { table } = this.#options
    const failures = await Promise.all(
      level.map(async (id) => {
        const desired = next.desired(id)
        if (!desired) {
          const reason = next.failureOf(id)
          if (reason !== undefined) this.#unhealthy(id, reason)
          return []
        }
        const { what, failed } = await table.apply(desired)
        if (failed !== undefined) return [{ id, message: failed }]
        if (what === 'untouched') done.untouched++
        else done[what].push(id)
        if (what === 'started' && next.feedsOthers(id)) await table.awaitFirstExports(id)
        return []
      }),
    )
    return failures.flat()
  }

  #showFailures({ components }: ExportsChanges): void {
    for (const { id, desired, error } of components) if (!desired) this.#unhealthy(id, error)
  }

  /** Undoes a switch that failed half-way: what is new ends, senders first; then the rest is what it was, receivers first. */
  async #restore(
    before: Configuration,
    next: Configuration,
    { checkpoint, changed, failures }: Interrupted,
  ): Promise<Switched> {
    const { table } = this.#options
    this.#configuration = before
    for (const id of [...next.order].reverse()) if (!checkpoint.has(id)) await table.stop(id)
    const lost: ComponentFailure[] = []
    for (const level of before.levels) {
      await Promise.all(
        level.map(async (id) => {
          const failed = await table.restore(id, checkpoint)
          if (failed !== undefined) lost.push({ id, message: `Cannot bring it back: ${failed}` })
        }),
      )
    }
    // What was exported meanwhile only the refused configuration has seen.
    const again = await this.#propagate(changed)
    const untouched = before.order.length - lost.length
    return { started: [], updated: [], stopped: [], untouched, failures: [...failures, ...lost], again }
  }

  #unhealthy(id: string, reason: string): void {
    this.#options.table.get(id)?.health.set('evaluation', 'unhealthy', evaluationFailed(reason))
  }

  #takeExports(): ReadonlySet<string> {
    const changed = this.#changedExports
    this.#changedExports = new Set()
    return changed
  }
}

/** What is imported may change items too. */
export function stronger(a: LoadAgain | undefined, b: LoadAgain | undefined): LoadAgain | undefined {
  return a === 'imports' || b === 'imports' ? 'imports' : (a ?? b)
}

/** A switch that failed half-way. */
interface Interrupted {
  readonly checkpoint: Checkpoint
  readonly changed: ReadonlySet<string>
  readonly failures: readonly ComponentFailure[]
}
