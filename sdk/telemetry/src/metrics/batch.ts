import type { Labels } from '../labels.ts'

/**
 * Series that a source knows, each parsed and encoded once. Ids are dense,
 * never reused within a table, and stay valid as long as the table: a new
 * table replaces one that has collected too many dead series.
 */
export interface SeriesTable {
  /** Unique in this process: what receivers key their memo of a table by (with a WeakMap on the table itself). */
  readonly id: number
  readonly size: number
  labels(series: number): Labels
  /**
   * The `Label` messages of a remote-write v1 `TimeSeries`, encoded: the bytes
   * of `TimeSeries` that come before its samples.
   */
  encodedLabels(series: number): Uint8Array
  /** Bytes of {@link SeriesTable.encodedLabels}, without making a view. */
  encodedLength(series: number): number
  /** Copies the encoded labels to `into` at `at` and returns the position after them. */
  copyEncoded(series: number, into: Uint8Array, at: number): number
}

export interface MetricMetadata {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown'
  readonly help: string
  readonly unit: string
}

export interface Exemplar {
  /** Index of the sample in the batch that the exemplar belongs to. */
  readonly sample: number
  readonly labels: Labels
  readonly value: number
  readonly timestampMs: number | undefined
}

/**
 * Samples: sample `i` is `values[i]` of series `series[i]` of `table` at
 * `timestamps[i]` milliseconds. A NaN's exact bits matter (staleness), so copy
 * `values` by its bytes (`set`, `slice`), never number by number.
 */
export interface MetricsBatch {
  readonly type: 'prometheus.metrics'
  readonly count: number
  readonly table: SeriesTable
  readonly series: Uint32Array
  readonly values: Float64Array
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array
  readonly exemplars?: readonly Exemplar[]
  /** By metric family name. Sent when it is new or has changed, not with every batch. */
  readonly metadata?: ReadonlyMap<string, MetricMetadata>
}
