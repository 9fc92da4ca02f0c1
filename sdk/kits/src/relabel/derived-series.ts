import { SeriesArena, type Labels, type SeriesTable } from '@ingot/telemetry'

const unknown = -2
/** What {@link DerivedSeries.of} gives for a series that is left out. */
export const leftOut = -1

/** The series of a table with other labels: worked out once for each series, on its first sample. */
export class DerivedSeries {
  readonly table = new SeriesArena()
  /** Series that have been worked out, those left out included. */
  known = 0
  readonly #source: SeriesTable
  readonly #change: (labels: Labels) => Labels | undefined
  #ids = new Int32Array(256).fill(unknown)

  constructor(source: SeriesTable, change: (labels: Labels) => Labels | undefined) {
    this.#source = source
    this.#change = change
  }

  /** The series in {@link DerivedSeries.table}, or {@link leftOut}. */
  of(series: number): number {
    const id = series < this.#ids.length ? this.#ids[series]! : unknown
    return id === unknown ? this.#derive(series) : id
  }

  #derive(series: number): number {
    if (series >= this.#ids.length) {
      const ids = new Int32Array(Math.max(series + 1, this.#ids.length * 2)).fill(unknown)
      ids.set(this.#ids)
      this.#ids = ids
    }
    const labels = this.#change(this.#source.labels(series))
    this.known++
    return (this.#ids[series] = labels && labels.size > 0 ? this.table.add(labels) : leftOut)
  }
}
