export type HealthState = 'unknown' | 'healthy' | 'unhealthy' | 'exited'

export interface Health {
  readonly state: HealthState
  readonly message: string
  readonly updatedTime: Date
}

/** From best to worst; a component shows the worst of what is known about it, the newest among equals. */
const order: readonly HealthState[] = ['healthy', 'unknown', 'unhealthy', 'exited']

/** What is known about a component's health, by where it is known from: its evaluation, its run in each lane, its own report. */
export class HealthBoard {
  readonly #bySource = new Map<string, Health>()

  set(source: string, state: HealthState, message: string): void {
    this.#bySource.set(source, { state, message, updatedTime: new Date() })
  }

  clear(source: string): void {
    this.#bySource.delete(source)
  }

  at(source: string): Health | undefined {
    return this.#bySource.get(source)
  }

  get isEmpty(): boolean {
    return this.#bySource.size === 0
  }

  get current(): Health {
    let worst: Health | undefined
    for (const health of this.#bySource.values()) if (!worst || isWorse(health, worst)) worst = health
    return worst ?? { state: 'unknown', message: 'not evaluated yet', updatedTime: new Date(0) }
  }
}

function isWorse(a: Health, b: Health): boolean {
  const difference = order.indexOf(a.state) - order.indexOf(b.state)
  return difference > 0 || (difference === 0 && a.updatedTime > b.updatedTime)
}
