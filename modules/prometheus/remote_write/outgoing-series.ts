import { DerivedSeries, type Relabeler } from '@ingot/kits'
import { Labels, type SeriesTable } from '@ingot/telemetry'

/** The series of one source table as an endpoint sends them: external labels added, write rules applied, once per series. */
export interface OutgoingSeries {
  readonly table: SeriesTable
  /** The series in `table`, or `leftOut`. */
  of(series: number): number
}

/** Keeps an {@link OutgoingSeries} for each table as long as the table lives. */
export class OutgoingTables {
  readonly #external: readonly (readonly [string, string])[]
  readonly #rules: Relabeler
  readonly #known = new WeakMap<SeriesTable, OutgoingSeries>()

  constructor(external: Readonly<Record<string, string>>, rules: Relabeler) {
    this.#external = Object.entries(external)
    this.#rules = rules
  }

  for(source: SeriesTable): OutgoingSeries {
    let outgoing = this.#known.get(source)
    if (!outgoing) {
      const unchanged = this.#external.length === 0 && this.#rules.size === 0
      outgoing = unchanged
        ? { table: source, of: (series) => series }
        : new DerivedSeries(source, (labels) => this.#change(labels))
      this.#known.set(source, outgoing)
    }
    return outgoing
  }

  #change(labels: Labels): Labels | undefined {
    const map = new Map(labels.entries())
    for (const [name, value] of this.#external) if (!map.has(name)) map.set(name, value)
    if (!this.#rules.applyTo(map)) return undefined
    // Labels that begin with two underscores never leave, but the metric's name does.
    for (const name of map.keys()) if (name.startsWith('__') && name !== '__name__') map.delete(name)
    return Labels.from(map)
  }
}
