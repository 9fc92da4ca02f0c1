import type { Counter, Gauge, Histogram, Metrics } from '@ingot/sdk'

/** Series that one component may register: its labels may come from data. */
const seriesPerComponentMax = 10_000
const nameSyntax = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

export type MetricType = 'counter' | 'gauge' | 'histogram'
export interface SeriesSnapshot {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Of histograms: upper bounds, observations in each bucket (one more than bounds), and the sum of values; `value` is the count. */
  readonly bounds?: readonly number[]
  readonly buckets?: readonly number[]
  readonly sum?: number
}
export interface FamilySnapshot {
  readonly name: string
  readonly type: MetricType
  readonly help: string
  readonly series: readonly SeriesSnapshot[]
}
/** Plain data: it crosses threads as it is. */
export type MetricsSnapshot = readonly FamilySnapshot[]

interface Series {
  readonly labels: Readonly<Record<string, string>>
  value: number
  readonly bounds: readonly number[]
  readonly buckets: number[]
  sum: number
}
interface Family {
  readonly type: MetricType
  /** Whether a component that is vouched for has it. */
  trusted: boolean
  readonly help: string
  readonly series: Map<string, Series>
}

/** The metrics of one process or lane, by family. A component's series go when the component goes. */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>()

  /**
   * Metrics with fixed labels (`component_id`, `component_path`), and how to remove them all. Names are everybody's: where
   * two disagree on the type of one, a component that is vouched for wins.
   */
  scope(labels: Readonly<Record<string, string>>, trusted = true): { readonly metrics: Metrics; remove(): void } {
    const own: { family: Family; name: string; key: string }[] = []
    const series = (
      name: string,
      help: string,
      type: MetricType,
      more: Readonly<Record<string, string>> = {},
      bounds: readonly number[] = [],
    ) => {
      const family = this.#family(name, help, type, trusted)
      const all = { ...more, ...labels }
      const key = seriesKey(all)
      const found = family.series.get(key)
      if (found) return found
      const made: Series = {
        labels: all,
        value: 0,
        bounds,
        buckets: type === 'histogram' ? Array(bounds.length + 1).fill(0) : [],
        sum: 0,
      }
      if (own.length < seriesPerComponentMax) {
        family.series.set(key, made)
        own.push({ family, name, key })
      }
      return made
    }
    return {
      metrics: {
        counter: (name, help, more) => counterOf(series(name, help, 'counter', more)),
        gauge: (name, help, more) => gaugeOf(series(name, help, 'gauge', more)),
        histogram: (name, help, bounds, more) => histogramOf(series(name, help, 'histogram', more, bounds)),
      },
      remove: () => {
        for (const { family, name, key } of own.splice(0)) {
          family.series.delete(key)
          if (family.series.size === 0 && this.#families.get(name) === family) this.#families.delete(name)
        }
      },
    }
  }

  snapshot(): MetricsSnapshot {
    return [...this.#families].map(([name, { type, help, series }]) => ({
      name,
      type,
      help,
      series: [...series.values()].map(({ labels, value, bounds, buckets, sum }) =>
        type === 'histogram' ? { labels, value, bounds, buckets: [...buckets], sum } : { labels, value },
      ),
    }))
  }

  /** Everything in the text exposition format 0.0.4. */
  collect(): string {
    return renderMetrics([this.snapshot()])
  }

  #family(name: string, help: string, type: MetricType, trusted: boolean): Family {
    if (!nameSyntax.test(name)) throw new Error(`Cannot register the metric "${name}": its name is malformed`)
    const found = this.#families.get(name)
    if (found?.type === type) {
      found.trusted ||= trusted
      return found
    }
    if (found && (found.trusted || !trusted))
      throw new Error(`Cannot register the metric "${name}" as ${type}: it is a ${found.type}`)
    const family = { type, help, trusted, series: new Map<string, Series>() }
    this.#families.set(name, family)
    return family
  }
}

/** The text exposition of several registries as one: equal series are added up, as the lanes of a component share its work. */
export function renderMetrics(snapshots: readonly MetricsSnapshot[]): string {
  const families = new Map<string, { type: MetricType; help: string; series: Map<string, SeriesSnapshot> }>()
  for (const family of snapshots.flat()) {
    const merged = families.get(family.name) ?? {
      type: family.type,
      help: family.help,
      series: new Map<string, SeriesSnapshot>(),
    }
    // Lanes do not know of each other's names: series of another type would make the whole text unreadable.
    if (merged.type !== family.type) continue
    families.set(family.name, merged)
    for (const series of family.series) {
      const key = seriesKey(series.labels)
      const other = merged.series.get(key)
      merged.series.set(key, other ? addSeries(other, series) : series)
    }
  }
  let text = ''
  for (const [name, { type, help, series }] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
    for (const one of series.values())
      text += type === 'histogram' ? renderHistogram(name, one) : renderSample(name, one.labels, one.value)
  }
  return text
}

function addSeries(a: SeriesSnapshot, b: SeriesSnapshot): SeriesSnapshot {
  if (!a.buckets || !b.buckets || a.buckets.length !== b.buckets.length) return { ...a, value: a.value + b.value }
  const buckets = a.buckets.map((count, i) => count + b.buckets![i]!)
  return { ...a, value: a.value + b.value, buckets, sum: (a.sum ?? 0) + (b.sum ?? 0) }
}

function renderHistogram(name: string, { labels, value, bounds = [], buckets = [], sum = 0 }: SeriesSnapshot): string {
  let text = ''
  let below = 0
  bounds.forEach((bound, i) => {
    below += buckets[i]!
    text += renderSample(`${name}_bucket`, { ...labels, le: String(bound) }, below)
  })
  text += renderSample(`${name}_bucket`, { ...labels, le: '+Inf' }, value)
  return text + renderSample(`${name}_sum`, labels, sum) + renderSample(`${name}_count`, labels, value)
}

function renderSample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeValue(text)}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${renderNumber(value)}\n`
}

function renderNumber(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function seriesKey(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}\0${labels[name]}`)
    .join('\u0001')
}

function counterOf(series: Series): Counter {
  return {
    add: (n = 1) => {
      if (n >= 0) series.value += n
    },
  }
}

function gaugeOf(series: Series): Gauge {
  return {
    set: (value) => {
      series.value = value
    },
    add: (n) => {
      series.value += n
    },
  }
}

function histogramOf(series: Series): Histogram {
  return {
    observe: (value) => {
      let i = 0
      while (i < series.bounds.length && value > series.bounds[i]!) i++
      series.buckets[i]!++
      series.sum += value
      series.value++
    },
  }
}
