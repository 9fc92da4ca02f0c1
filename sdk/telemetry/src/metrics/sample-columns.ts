import { normalNaN, putNaN, wordsOf } from './special-values.ts'

/** The samples of the scrape that is being read, as growing columns that are used again for the next. */
export class SampleColumns {
  series = new Uint32Array(1024)
  values = new Float64Array(1024)
  /** Timestamps that the exposition gave, NaN where it gave none; absent when it gave none at all. */
  explicit: Float64Array | undefined
  count = 0
  /** Grows with each scrape; a series was last seen in `seenIn`. */
  generation = 0
  lastGood = 0
  #words = wordsOf(this.values)
  #seen = new Uint32Array(1024)
  #column: Uint32Array = new Uint32Array(0)
  /** Series whose end must be told: of the last good scrape, and of this one. */
  #watchedBefore: Uint32Array = this.#column
  #watched: Uint32Array = this.#column

  begin(): void {
    this.count = 0
    this.explicit = undefined
    this.generation++
  }

  add(series: number, value: number): void {
    const { count } = this
    if (count === this.series.length) this.#grow()
    this.series[count] = series
    this.values[count] = value
    if (value !== value) putNaN(this.#words, count, normalNaN)
    this.#mark(series)
    this.count = count + 1
  }

  addAt(series: number, value: number, timestampMs: number): void {
    this.add(series, value)
    this.explicit ??= new Float64Array(this.series.length).fill(NaN)
    this.explicit[this.count - 1] = timestampMs
  }

  /** Adds a sample by the bits of its value. */
  addBits(series: number, bits: readonly [number, number]): void {
    this.add(series, 0)
    putNaN(this.#words, this.count - 1, bits)
  }

  /** The generation that last had the series; 0 for none. */
  seenIn(series: number): number {
    return series < this.#seen.length ? this.#seen[series]! : 0
  }

  /** `unchanged`: the scrape had exactly the lines of the last one, so its series column can be shared with it. */
  end(unchanged: boolean): void {
    if (!unchanged || this.#column.length !== this.count) this.#column = this.series.slice(0, this.count)
    this.lastGood = this.generation
  }

  abort(): void {
    this.count = 0
  }

  /** The series of the last scrape that ended: immutable, and the same object while nothing changes. */
  get column(): Uint32Array {
    return this.#column
  }

  /**
   * Watched series that the scrape that has just ended does not have. With `watchExplicit` false, series with
   * timestamps of their own are not watched from now on, for their source says when they end.
   */
  ended(watchExplicit: boolean): number[] {
    this.#watchedBefore = this.#watched
    const { explicit } = this
    this.#watched =
      explicit && !watchExplicit ? this.#column.filter((_, i) => Number.isNaN(explicit[i]!)) : this.#column
    const ended: number[] = []
    if (this.#watched === this.#watchedBefore) return ended
    for (const series of this.#watchedBefore) if (this.#seen[series] !== this.generation) ended.push(series)
    return ended
  }

  /** Every watched series, which are then no longer watched: for a scrape that failed, or the last one. */
  endAll(): Uint32Array {
    const all = this.#watched
    this.#watched = new Uint32Array(0)
    return all
  }

  /** Gives all series of the last scrape their new ids. */
  renumber(idOf: (series: number) => number): void {
    this.#column = this.#column.map(idOf)
    this.#watched = this.#watched.map(idOf)
    this.#seen = new Uint32Array(1024)
    for (const series of this.#column) this.#mark(series)
  }

  #mark(series: number): void {
    if (series >= this.#seen.length) {
      const seen = new Uint32Array(Math.max(series + 1, this.#seen.length * 2))
      seen.set(this.#seen)
      this.#seen = seen
    }
    this.#seen[series] = this.generation
  }

  #grow(): void {
    const capacity = this.series.length * 2
    const series = new Uint32Array(capacity)
    series.set(this.series)
    this.series = series
    const values = new Float64Array(capacity)
    wordsOf(values).set(this.#words)
    this.values = values
    this.#words = wordsOf(values)
    if (this.explicit) {
      const explicit = new Float64Array(capacity).fill(NaN)
      explicit.set(this.explicit)
      this.explicit = explicit
    }
  }
}
