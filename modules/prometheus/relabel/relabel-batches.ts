import { DerivedSeries, leftOut, type Relabeler } from '@ingot/kits'
import { wordsOf, type Exemplar, type MetricsBatch, type SeriesTable } from '@ingot/telemetry'

/** How the samples of one series column go out: worked out once, for most batches of a source share theirs. */
interface Plan {
  readonly of: Uint32Array
  readonly series: Uint32Array
  /** Samples that stay; absent when all do. */
  readonly kept: Uint32Array | undefined
}
interface Memo {
  readonly derived: DerivedSeries
  readonly since: number
  plan: Plan | undefined
}

export interface MemoCounts {
  hits: number
  misses: number
  expired: number
}

/** Relabels batches by their tables: rules run once for each series, not for each sample. */
export class RelabelBatches {
  readonly counts: MemoCounts = { hits: 0, misses: 0, expired: 0 }
  readonly #rules: Relabeler
  readonly #seriesMax: number
  readonly #ttlMs: number
  readonly #memos = new WeakMap<SeriesTable, Memo>()

  /** `seriesMax`: series of one table that are remembered before it starts over; `ttlMs`: so does it after this time (0: never). */
  constructor(rules: Relabeler, seriesMax: number, ttlMs: number) {
    this.#rules = rules
    this.#seriesMax = seriesMax
    this.#ttlMs = ttlMs
  }

  /** The batch with the labels that the rules make, without the samples that they drop. */
  apply(batch: MetricsBatch, nowMs: number): MetricsBatch {
    const memo = this.#memoOf(batch.table, nowMs)
    const { derived } = memo
    const before = derived.known
    if (memo.plan?.of !== batch.series) memo.plan = planOf(batch, derived)
    const misses = derived.known - before
    this.counts.misses += misses
    this.counts.hits += batch.count - misses
    const { series, kept } = memo.plan
    if (!kept) return { ...batch, table: derived.table, series }
    return selected(batch, derived, series, kept)
  }

  #memoOf(table: SeriesTable, nowMs: number): Memo {
    const memo = this.#memos.get(table)
    const old = memo !== undefined && this.#ttlMs > 0 && nowMs - memo.since > this.#ttlMs
    if (old) this.counts.expired += memo.derived.known
    if (memo && !old && memo.derived.known <= this.#seriesMax) return memo
    const renewed: Memo = {
      derived: new DerivedSeries(table, (labels) => this.#rules.apply(labels)),
      since: nowMs,
      plan: undefined,
    }
    this.#memos.set(table, renewed)
    return renewed
  }
}

function planOf(batch: MetricsBatch, derived: DerivedSeries): Plan {
  const { count } = batch
  const series = new Uint32Array(count)
  const kept = new Uint32Array(count)
  let length = 0
  for (let i = 0; i < count; i++) {
    const id = derived.of(batch.series[i]!)
    if (id === leftOut) continue
    series[length] = id
    kept[length++] = i
  }
  return {
    of: batch.series,
    series: series.subarray(0, length),
    kept: length === count ? undefined : kept.slice(0, length),
  }
}

function selected(batch: MetricsBatch, derived: DerivedSeries, series: Uint32Array, kept: Uint32Array): MetricsBatch {
  const values = new Float64Array(kept.length)
  const timestamps = new Float64Array(kept.length)
  const from = wordsOf(batch.values)
  const to = wordsOf(values)
  for (let i = 0; i < kept.length; i++) {
    const sample = kept[i]!
    // Word by word: a NaN's bits must stay.
    to[i * 2] = from[sample * 2]!
    to[i * 2 + 1] = from[sample * 2 + 1]!
    timestamps[i] = batch.timestamps[sample]!
  }
  const { exemplars, ...rest } = batch
  const moved = exemplars && movedExemplars(exemplars, kept)
  return {
    ...rest,
    count: kept.length,
    table: derived.table,
    series,
    values,
    timestamps,
    ...(moved ? { exemplars: moved } : {}),
  }
}

function movedExemplars(exemplars: readonly Exemplar[], kept: Uint32Array): Exemplar[] {
  const places = new Map(Array.from(kept, (sample, i) => [sample, i]))
  return exemplars.flatMap((exemplar) => {
    const sample = places.get(exemplar.sample)
    return sample === undefined ? [] : [{ ...exemplar, sample }]
  })
}
