import type { Relabeler } from '@ingot/kits'
import { Labels, SeriesArena, type SeriesTable } from '@ingot/telemetry'

const unknown = -2
export const droppedByRules = -1

/** The series of one source table as an endpoint sends them: external labels added, write rules applied, once per series. */
export interface OutgoingSeries {
  readonly table: SeriesTable
  /** The series in `table`, or {@link droppedByRules}. */
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
    const changed = Labels.from(map)
    return changed.size === 0 ? undefined : changed
  }
}

class DerivedSeries implements OutgoingSeries {
  readonly table = new SeriesArena()
  readonly #source: SeriesTable
  readonly #change: (labels: Labels) => Labels | undefined
  #ids = new Int32Array(256).fill(unknown)

  constructor(source: SeriesTable, change: (labels: Labels) => Labels | undefined) {
    this.#source = source
    this.#change = change
  }

  of(series: number): number {
    const known = series < this.#ids.length ? this.#ids[series]! : unknown
    return known === unknown ? this.#derive(series) : known
  }

  #derive(series: number): number {
    if (series >= this.#ids.length) {
      const ids = new Int32Array(Math.max(series + 1, this.#ids.length * 2)).fill(unknown)
      ids.set(this.#ids)
      this.#ids = ids
    }
    const labels = this.#change(this.#source.labels(series))
    return (this.#ids[series] = labels ? this.table.add(labels) : droppedByRules)
  }
}
