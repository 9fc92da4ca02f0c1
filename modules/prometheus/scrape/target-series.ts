import {
  droppedSeries,
  ExpositionParser,
  Labels,
  SeriesArena,
  staleNaN,
  wordsOf,
  type ExpositionFormat,
  type MetricsBatch,
} from '@ingot/telemetry'
import { seriesLabels, type SeriesRules } from './series-labels.ts'

/** Lines may be forgotten once there are this many times as many as the target has, and at least so many. */
const rememberedPerLiveMax = 2
const rememberedMin = 2000

export type ReportName =
  | 'up'
  | 'scrape_duration_seconds'
  | 'scrape_samples_scraped'
  | 'scrape_samples_post_metric_relabeling'
  | 'scrape_series_added'
  | 'scrape_timeout_seconds'
  | 'scrape_sample_limit'
  | 'scrape_body_size_bytes'
export type Report = readonly (readonly [ReportName, number])[]

/** What is known of one target's series, and the making of its batches. */
export class TargetSeries {
  readonly parser: ExpositionParser
  readonly #labels: Labels
  #table = new SeriesArena()
  /** Series of the samples about the scrape itself. */
  #reports = new Map<ReportName, number>()
  /** The series column with the report's series behind it: the same object while the scrapes are alike. */
  #column: { readonly of: Uint32Array; readonly withReport: Uint32Array } | undefined

  constructor(labels: Labels, rules: SeriesRules) {
    this.#labels = labels
    this.parser = new ExpositionParser((pairs) => {
      const merged = seriesLabels(pairs, labels, rules)
      return merged.size === 0 ? droppedSeries : this.#table.add(merged)
    })
  }

  begin(format: ExpositionFormat, honorTimestamps: boolean): void {
    this.parser.begin({ format, honorTimestamps })
  }

  /** The batch of a scrape that went well: its samples, markers for series that have ended, and the report. */
  good(timestampMs: number, report: Report, trackExplicit: boolean): MetricsBatch {
    const { samples, exemplars, metadata } = this.parser
    const column = samples.column
    const ended = samples.ended(trackExplicit)
    const { explicit, count } = samples
    const total = count + ended.length + report.length
    const values = new Float64Array(total)
    wordsOf(values).set(wordsOf(samples.values).subarray(0, count * 2))
    const timestamps = new Float64Array(total).fill(timestampMs)
    if (explicit) for (let i = 0; i < count; i++) if (!Number.isNaN(explicit[i]!)) timestamps[i] = explicit[i]!
    const series =
      ended.length === 0 ? this.#stableColumn(column, report) : joined(column, ended, this.#reportIds(report))
    this.#fill(values, count, ended.length, report)
    const batch: MetricsBatch = {
      type: 'prometheus.metrics',
      count: total,
      table: this.#table,
      series,
      values,
      timestamps,
      ...(exemplars.length > 0 ? { exemplars } : {}),
      ...(metadata.changed.size > 0 ? { metadata: metadata.changed } : {}),
    }
    this.#compactWhenDue()
    return batch
  }

  /** The batch of a scrape that failed, or of the end of the target: markers for all series of the last good one, and the report. */
  ended(timestampMs: number, report: Report | 'stale'): MetricsBatch {
    const ended = this.parser.samples.endAll()
    const reportIds = report === 'stale' ? [...this.#reports.values()] : this.#reportIds(report)
    const stale = report === 'stale' ? ended.length + reportIds.length : ended.length
    const values = new Float64Array(ended.length + reportIds.length)
    this.#fill(values, 0, stale, report === 'stale' ? [] : report)
    return {
      type: 'prometheus.metrics',
      count: values.length,
      table: this.#table,
      series: joined(ended, [], reportIds),
      values,
      timestamps: new Float64Array(values.length).fill(timestampMs),
    }
  }

  get memoryBytes(): number {
    return this.#table.bytes
  }

  #fill(values: Float64Array, count: number, stale: number, report: Report): void {
    const words = wordsOf(values)
    for (let i = count; i < count + stale; i++) words.set(staleNaN, i * 2)
    report.forEach(([, value], i) => {
      values[count + stale + i] = value
    })
  }

  #stableColumn(column: Uint32Array, report: Report): Uint32Array {
    if (this.#column?.of !== column || this.#column.withReport.length !== column.length + report.length) {
      this.#column = { of: column, withReport: joined(column, [], this.#reportIds(report)) }
    }
    return this.#column.withReport
  }

  #reportIds(report: Report): number[] {
    return report.map(([name]) => {
      let id = this.#reports.get(name)
      if (id === undefined) {
        id = this.#table.add(Labels.from([...this.#labels.entries(), ['__name__', name]]))
        this.#reports.set(name, id)
      }
      return id
    })
  }

  /** A target whose series come and go would fill the memory: what it no longer has is left behind, in a new table. */
  #compactWhenDue(): void {
    const { keys, live } = this.parser.remembered
    if (keys < rememberedMin || keys < live * rememberedPerLiveMax) return
    const old = this.#table
    const table = new SeriesArena()
    this.#table = table
    this.#column = undefined
    this.#reports = new Map([...this.#reports].map(([name, id]) => [name, table.addEncoded(old.encodedLabels(id))]))
    this.parser.compact((series) => table.addEncoded(old.encodedLabels(series)))
  }
}

function joined(column: Uint32Array, ended: readonly number[], reports: readonly number[]): Uint32Array {
  const all = new Uint32Array(column.length + ended.length + reports.length)
  all.set(column)
  all.set(ended, column.length)
  all.set(reports, column.length + ended.length)
  return all
}
