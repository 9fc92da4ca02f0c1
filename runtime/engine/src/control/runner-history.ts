import type { FamilySnapshot } from '@ingot/capabilities'
import type { RunnerExit } from '@ingot/sandbox'

/** What has happened to one component's runners since the collector started. */
export interface RunnerFacts {
  /** By reason: `deadline`, `memory`, `crash`, … */
  readonly kills: Readonly<Record<string, number>>
  /** Isolates lost and replaced within a runner, by reason. */
  readonly isolateLosses: Readonly<Record<string, number>>
  /** Why the module is quarantined; `undefined` while it is not. */
  readonly quarantined: string | undefined
}

interface Facts {
  readonly kills: Record<string, number>
  readonly isolateLosses: Record<string, number>
  quarantined: string | undefined
}

/** Components whose past is remembered. */
const componentsMax = 10_000

/** Counts what control learns of runners. */
export class RunnerHistory {
  readonly #byComponent = new Map<string, Facts>()

  of(component: string): RunnerFacts | undefined {
    return this.#byComponent.get(component)
  }

  exited({ instance, reason }: RunnerExit): void {
    const { kills } = this.#facts(instance)
    kills[reason] = (kills[reason] ?? 0) + 1
  }

  isolateLost(component: string, reason: string): void {
    const { isolateLosses } = this.#facts(component)
    isolateLosses[reason] = (isolateLosses[reason] ?? 0) + 1
  }

  quarantined(component: string, reason: string): void {
    this.#facts(component).quarantined = reason
  }

  resumed(component: string): void {
    this.#facts(component).quarantined = undefined
  }

  /** Of the given components only: others are no longer configured. */
  families(components: ReadonlySet<string>): FamilySnapshot[] {
    const known = [...this.#byComponent].filter(([component]) => components.has(component))
    const byReason = (of: (facts: Facts) => Record<string, number>) =>
      known.flatMap(([component_id, facts]) =>
        Object.entries(of(facts)).map(([reason, value]) => ({ labels: { component_id, reason }, value })),
      )
    return [
      {
        name: 'ingot_runner_kills_total',
        type: 'counter',
        help: 'Runners that ended without being asked to, by reason.',
        series: byReason(({ kills }) => kills),
      },
      {
        name: 'ingot_isolate_losses_total',
        type: 'counter',
        help: 'Isolates that were lost and replaced within their runner, by reason.',
        series: byReason(({ isolateLosses }) => isolateLosses),
      },
      {
        name: 'ingot_module_quarantined',
        type: 'gauge',
        help: 'Whether the module of the component is quarantined and waits for an operator.',
        series: known.map(([component_id, { quarantined }]) => ({
          labels: { component_id },
          value: quarantined === undefined ? 0 : 1,
        })),
      },
    ]
  }

  #facts(component: string): Facts {
    let facts = this.#byComponent.get(component)
    if (!facts) {
      facts = { kills: {}, isolateLosses: {}, quarantined: undefined }
      this.#byComponent.set(component, facts)
      if (this.#byComponent.size > componentsMax) this.#byComponent.delete(this.#byComponent.keys().next().value!)
    }
    return facts
  }
}
