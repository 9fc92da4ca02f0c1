import { decodeUtf8 } from '../utf8/utf8.ts'
import type { Exemplar, MetricMetadata } from './batch.ts'
import { Labels } from '../labels.ts'
import { ExpositionError } from './exposition-error.ts'
import { parseSeries, seriesEnd, type LabelPairs } from './exposition-labels.ts'
import { ExpositionMetadata } from './exposition-metadata.ts'
import { NumberReader } from './exposition-number.ts'
import { SampleColumns } from './sample-columns.ts'
import { SeriesKeys } from './series-keys.ts'

/** `text`: Prometheus 0.0.4; `openmetrics`: 1.0.0 and 0.0.1. */
export type ExpositionFormat = 'text' | 'openmetrics'

export interface ExpositionOptions {
  readonly format: ExpositionFormat
  /** Whether timestamps in the exposition are used; without, samples carry none. */
  readonly honorTimestamps: boolean
}

/** Decides about a series that is seen for the first time: its id in the table of the target, or {@link droppedSeries}. Throwing fails the scrape. */
export type ResolveSeries = (pairs: LabelPairs) => number

export const droppedSeries = -1
const commentKey = -2
/** A longer line is an attack or a mistake. */
const lineBytesMax = 1 << 20
const lineFeed = 10

/**
 * Reads the expositions of one target, scrape after scrape. It expects each scrape to repeat the lines of the last one
 * in the same order: then a line costs one comparison of bytes and one number, and no text is made.
 *
 * Call `begin`, `push` for each piece of the body, then `end` (or `abort`). The samples are in `samples`.
 */
export class ExpositionParser {
  readonly samples = new SampleColumns()
  readonly metadata = new ExpositionMetadata()
  exemplars: Exemplar[] = []
  /** Samples in the exposition, those left out included. */
  scraped = 0
  /** Samples left out because their series had one in this scrape already. */
  duplicates = 0
  /** Series that the last good scrape did not have. */
  added = 0

  readonly #resolve: ResolveSeries
  readonly #numbers = new NumberReader()
  #keys = new SeriesKeys()
  /** Series of each key, or {@link droppedSeries} or {@link commentKey}. */
  #keySeries = new Int32Array(256)
  /** Place of each key in `#order`. */
  #places = new Uint32Array(256)
  #order = new Uint32Array(256)
  #orderLength = 0
  #nextOrder = new Uint32Array(256)
  #nextLength = 0
  #cursor = 0
  #misses = 0
  #options: ExpositionOptions = { format: 'text', honorTimestamps: true }
  #line = 0
  #ended = false
  #tail = new Uint8Array(1024)
  #tailLength = 0

  constructor(resolve: ResolveSeries) {
    this.#resolve = resolve
  }

  begin(options: ExpositionOptions): void {
    this.#options = options
    this.samples.begin()
    this.metadata.begin()
    this.exemplars = []
    this.scraped = this.duplicates = this.added = 0
    this.#line = this.#cursor = this.#misses = this.#nextLength = this.#tailLength = 0
    this.#ended = false
  }

  /** Takes a piece of the body; the bytes are not kept. @throws ExpositionError */
  push(piece: Uint8Array): void {
    let at = 0
    if (this.#tailLength > 0) {
      const end = piece.indexOf(lineFeed)
      this.#carry(piece, 0, end < 0 ? piece.length : end + 1)
      if (end < 0) return
      const length = this.#tailLength
      this.#tailLength = 0
      this.#lines(this.#tail, 0, length)
      at = end + 1
    }
    const stop = piece.lastIndexOf(lineFeed) + 1
    if (stop > at) this.#lines(piece, at, stop)
    this.#carry(piece, Math.max(at, stop), piece.length)
  }

  /** Ends the scrape: from now on its lines are what the next one is expected to repeat. @throws ExpositionError when the body is cut off. */
  end(): void {
    if (this.#tailLength > 0) {
      // Both formats want a last newline, and many exporters forget it.
      this.#carry(Uint8Array.of(lineFeed), 0, 1)
      const length = this.#tailLength
      this.#tailLength = 0
      this.#lines(this.#tail, 0, length)
    }
    if (this.#options.format === 'openmetrics' && !this.#ended)
      throw new ExpositionError(this.#line, 'the data does not end with "# EOF"')
    const changed = this.#misses > 0 || this.#nextLength !== this.#orderLength
    ;[this.#order, this.#nextOrder] = [this.#nextOrder, this.#order]
    this.#orderLength = this.#nextLength
    if (changed) for (let i = 0; i < this.#orderLength; i++) this.#places[this.#order[i]!] = i
    this.samples.end(!changed)
  }

  /** Gives the scrape up: what the last good one had stays expected. */
  abort(): void {
    this.#tailLength = 0
    this.samples.abort()
  }

  /** Lines and comments remembered; those that `live` of them are in the last scrape. */
  get remembered(): { readonly keys: number; readonly live: number } {
    return { keys: this.#keys.size, live: this.#orderLength }
  }

  /** Forgets all lines that the last scrape did not have. `renumber` gives the id that a kept series has from now on. */
  compact(renumber: (series: number) => number): void {
    const keys = new SeriesKeys()
    const old = this.#keys
    const oldSeries = this.#keySeries
    this.#keys = keys
    this.#keySeries = new Int32Array(Math.max(256, this.#orderLength))
    this.#places = new Uint32Array(this.#keySeries.length)
    const ids = new Map<number, number>()
    const idOf = (series: number) => {
      if (series < 0) return series
      let id = ids.get(series)
      if (id === undefined) ids.set(series, (id = renumber(series)))
      return id
    }
    for (let i = 0; i < this.#orderLength; i++) {
      const key = this.#order[i]!
      const bytes = old.bytes(key)
      let renewed = keys.find(bytes, viewOf(bytes), 0, bytes.length)
      if (renewed < 0) renewed = keys.add(bytes, 0, bytes.length)
      this.#keySeries[renewed] = idOf(oldSeries[key]!)
      this.#places[renewed] = i
      this.#order[i] = renewed
    }
    this.samples.renumber(idOf)
  }

  #carry(piece: Uint8Array, start: number, end: number): void {
    const needed = this.#tailLength + end - start
    if (needed > lineBytesMax) throw new ExpositionError(this.#line + 1, `a line of more than ${lineBytesMax} bytes`)
    if (needed > this.#tail.length) {
      const grown = new Uint8Array(Math.max(needed, this.#tail.length * 2))
      grown.set(this.#tail.subarray(0, this.#tailLength))
      this.#tail = grown
    }
    this.#tail.set(piece.subarray(start, end), this.#tailLength)
    this.#tailLength = needed
  }

  /** Whole lines: `stop` is the position after a newline. */
  #lines(bytes: Uint8Array, start: number, stop: number): void {
    const view = viewOf(bytes)
    let at = start
    while (at < stop) at = this.#lineAt(bytes, view, at, stop)
  }

  #lineAt(bytes: Uint8Array, view: DataView, at: number, stop: number): number {
    this.#line++
    if (this.#cursor < this.#orderLength) {
      const key = this.#order[this.#cursor]!
      if (this.#keys.matches(key, view, at, stop - 1)) {
        const end = at + this.#keys.length(key)
        const series = this.#keySeries[key]!
        const byte = bytes[end]!
        // A blank and then a brace would make it another series: `up {a="b"} 1`.
        if (
          byte === 0x20 &&
          series !== commentKey &&
          bytes[end + 1]! > 0x20 &&
          bytes[end + 1] !== 0x7b &&
          !this.#ended
        ) {
          this.#cursor++
          return this.#sample(bytes, end + 1, stop, key, series)
        }
        if (byte === lineFeed && series === commentKey && !this.#ended) {
          this.#cursor++
          this.#remember(key)
          return end + 1
        }
      }
    }
    return this.#unexpected(bytes, view, at, stop)
  }

  #unexpected(bytes: Uint8Array, view: DataView, start: number, stop: number): number {
    let at = start
    while (isBlank(bytes[at]!)) at++
    if (bytes[at] === lineFeed) {
      if (this.#options.format === 'openmetrics') throw this.#error('an empty line')
      return at + 1
    }
    if (this.#ended) throw this.#error('text after "# EOF"')
    if (bytes[at] === 0x23) return this.#comment(bytes, view, at)
    const lineEnd = bytes.indexOf(lineFeed, at)
    const end = seriesEnd(bytes, at, lineEnd)
    if (end < 0) throw this.#error('a "{" or a quote is not closed')
    const key = this.#keyOf(bytes, view, at, end)
    let value = end
    while (isBlank(bytes[value]!)) value++
    if (value === end && value < lineEnd)
      throw this.#error(`found ${quoted(bytes, end, lineEnd)}, want a blank before the value`)
    return this.#sample(bytes, value, stop, key, this.#keySeries[key]!)
  }

  /** The key of a line that is not the expected one; the expectation goes on after it. */
  #keyOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    this.#misses++
    let key = this.#keys.find(bytes, view, start, end)
    if (key < 0) {
      let series: number
      try {
        series = bytes[start] === 0x23 ? commentKey : this.#resolve(parseSeries(bytes, start, end))
      } catch (error) {
        throw this.#error((error as Error).message)
      }
      key = this.#keys.add(bytes, start, end)
      if (key >= this.#keySeries.length) this.#growKeys()
      this.#keySeries[key] = series
      this.#places[key] = this.#orderLength
    }
    const place = this.#places[key]!
    if (place < this.#orderLength && this.#order[place] === key) this.#cursor = place + 1
    return key
  }

  #comment(bytes: Uint8Array, view: DataView, start: number): number {
    const end = bytes.indexOf(lineFeed, start)
    if (this.#options.format === 'openmetrics' && end - start === 5 && decodeUtf8(bytes, start, end) === '# EOF') {
      this.#ended = true
      return end + 1
    }
    const problem = this.metadata.read(decodeUtf8(bytes, start, end))
    if (problem !== undefined) throw this.#error(problem)
    this.#remember(this.#keyOf(bytes, view, start, end))
    return end + 1
  }

  #sample(bytes: Uint8Array, at: number, stop: number, key: number, series: number): number {
    const value = this.#numbers.read(bytes, at, stop)
    if (value === undefined) throw this.#error(`found ${quoted(bytes, at, bytes.indexOf(lineFeed, at))}, want a number`)
    const end = this.#numbers.end
    this.#remember(key)
    this.scraped++
    if (bytes[end] !== lineFeed) return this.#rest(bytes, end, stop, series, value)
    if (series >= 0) this.#keep(series, value)
    return end + 1
  }

  #keep(series: number, value: number): void {
    const { samples } = this
    const before = samples.seenIn(series)
    if (before === samples.generation) {
      this.duplicates++
      return
    }
    if (before === 0 || before < samples.lastGood) this.added++
    samples.add(series, value)
  }

  /** What may follow a value: a timestamp, and in OpenMetrics an exemplar. */
  #rest(bytes: Uint8Array, start: number, stop: number, series: number, value: number): number {
    let at = start
    while (isBlank(bytes[at]!)) at++
    let timestampMs: number | undefined
    if (bytes[at] !== lineFeed && bytes[at] !== 0x23) {
      const number = this.#numbers.read(bytes, at, stop)
      const seconds = this.#options.format === 'openmetrics'
      if (number === undefined || !Number.isFinite(number) || (!seconds && !Number.isInteger(number))) {
        throw this.#error(`found ${quoted(bytes, at, bytes.indexOf(lineFeed, at))}, want a timestamp`)
      }
      timestampMs = seconds ? Math.trunc(number * 1000) : number
      at = this.#numbers.end
      while (isBlank(bytes[at]!)) at++
    }
    if (series >= 0) {
      if (timestampMs !== undefined && this.#options.honorTimestamps) {
        const before = this.samples.seenIn(series)
        if (before === 0 || before < this.samples.lastGood) this.added++
        this.samples.addAt(series, value, timestampMs)
      } else this.#keep(series, value)
    }
    const end = bytes.indexOf(lineFeed, at)
    if (at < end) this.#exemplar(bytes, at, end, series)
    return end + 1
  }

  /** `# {label="value"} value timestamp`. */
  #exemplar(bytes: Uint8Array, start: number, end: number, series: number): void {
    if (bytes[start] !== 0x23 || this.#options.format !== 'openmetrics')
      throw this.#error(`found ${quoted(bytes, start, end)} after the sample`)
    let at = start + 1
    while (isBlank(bytes[at]!)) at++
    const close = bytes[at] === 0x7b ? seriesEnd(bytes, at, end) : -1
    if (close < 0) throw this.#error('an exemplar without its labels')
    let labels: Labels
    try {
      labels = Labels.from(parseExemplarLabels(bytes, at, close))
    } catch (error) {
      throw this.#error(`in an exemplar: ${(error as Error).message}`)
    }
    at = close
    while (isBlank(bytes[at]!)) at++
    const value = this.#numbers.read(bytes, at, end)
    if (value === undefined) throw this.#error('an exemplar without a value')
    at = this.#numbers.end
    while (at < end && isBlank(bytes[at]!)) at++
    const seconds = at < end ? this.#numbers.read(bytes, at, end) : undefined
    if (at < end && (seconds === undefined || this.#numbers.end !== end))
      throw this.#error('an exemplar with an invalid timestamp')
    const sample = this.samples.count - 1
    if (series < 0 || sample < 0 || this.samples.series[sample] !== series) return
    this.exemplars.push({
      sample,
      labels,
      value,
      timestampMs: seconds === undefined ? undefined : Math.trunc(seconds * 1000),
    })
  }

  #remember(key: number): void {
    if (this.#nextLength === this.#nextOrder.length) {
      const grown = new Uint32Array(this.#nextLength * 2)
      grown.set(this.#nextOrder)
      this.#nextOrder = grown
    }
    this.#nextOrder[this.#nextLength++] = key
  }

  #growKeys(): void {
    const series = new Int32Array(this.#keySeries.length * 2)
    series.set(this.#keySeries)
    this.#keySeries = series
    const places = new Uint32Array(series.length)
    places.set(this.#places)
    this.#places = places
  }

  #error(found: string): ExpositionError {
    return new ExpositionError(this.#line, found)
  }
}

/** `{…}` without a metric name: read with one, which is then left out. */
function parseExemplarLabels(bytes: Uint8Array, start: number, end: number): LabelPairs {
  const named = new Uint8Array(end - start + 1)
  named[0] = 0x5f
  named.set(bytes.subarray(start, end), 1)
  return parseSeries(named, 0, named.length).slice(1)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}

function quoted(bytes: Uint8Array, start: number, end: number): string {
  return JSON.stringify(decodeUtf8(bytes, start, Math.min(end < 0 ? bytes.length : end, start + 40)))
}

export type { LabelPairs, MetricMetadata }
