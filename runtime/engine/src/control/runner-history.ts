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
  /** The last ends of runners and isolates, the newest first. */
  readonly events: readonly RunnerEnd[]
  /** CPU time of the runners that have ended, and the most memory that one of them had. */
  readonly endedCpuMs: number
  readonly endedPeakRssBytes: number
}

/** How a runner ended, or an isolate within one. */
export interface RunnerEnd {
  readonly at: string
  readonly what: 'runner' | 'isolate'
  readonly reason: string
  readonly detail?: string
  readonly batch?: number | undefined
  readonly peakRssBytes?: number
  readonly cpuMs?: number
  /** What the module had asked its host for last. */
  readonly lastCall?: string
  /** The instances that shared the runner. */
  readonly shared?: readonly string[]
}

interface Facts {
  readonly kills: Record<string, number>
  readonly isolateLosses: Record<string, number>
  quarantined: string | undefined
  events: readonly (RunnerEnd & { readonly runner?: number })[]
  endedCpuMs: number
  endedPeakRssBytes: number
}

/** Events that are remembered of each component. */
const eventsMax = 20

/** Components whose past is remembered. */
const componentsMax = 10_000

/** Counts what control learns of runners. */
export class RunnerHistory {
  readonly #byComponent = new Map<string, Facts>()

  of(component: string): RunnerFacts {
    const { events, ...facts } = this.#byComponent.get(component) ?? noFacts()
    return { ...facts, events: events.map(({ runner: _, ...event }) => event) }
  }

  exited({ runner, instance, reason, detail, batch, peakRssBytes, cpuMs, shared }: RunnerExit): void {
    const facts = this.#facts(instance)
    facts.kills[reason] = (facts.kills[reason] ?? 0) + 1
    facts.endedCpuMs += cpuMs
    facts.endedPeakRssBytes = Math.max(facts.endedPeakRssBytes, peakRssBytes)
    const at = new Date().toISOString()
    const event = { runner, at, what: 'runner', reason, detail, batch, peakRssBytes, cpuMs, shared } as const
    facts.events = [event, ...facts.events].slice(0, eventsMax)
  }

  /** What the module had asked its host for last, which is known a moment after its runner's end. */
  lastCall(runner: number, instance: string, lastCall: string): void {
    const facts = this.#facts(instance)
    facts.events = facts.events.map((event) => (event.runner === runner ? { ...event, lastCall } : event))
  }

  isolateLost(component: string, reason: string): void {
    const facts = this.#facts(component)
    facts.isolateLosses[reason] = (facts.isolateLosses[reason] ?? 0) + 1
    const event = { at: new Date().toISOString(), what: 'isolate', reason } as const
    facts.events = [event, ...facts.events].slice(0, eventsMax)
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
      facts = noFacts()
      this.#byComponent.set(component, facts)
      if (this.#byComponent.size > componentsMax) this.#byComponent.delete(this.#byComponent.keys().next().value!)
    }
    return facts
  }
}

function noFacts(): Facts {
  return { kills: {}, isolateLosses: {}, quarantined: undefined, events: [], endedCpuMs: 0, endedPeakRssBytes: 0 }
}
