import type { Counter, Gauge, Histogram, LogFields, Logger, Metrics } from '@ingot/sdk'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export class LogRecorder implements Logger {
  readonly lines: LogLine[] = []

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields })
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields })
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields })
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields })
  }
}

/** Metrics by name and labels: `value('scrapes_total', { job: 'a' })`. */
export class MetricsRecorder implements Metrics {
  readonly #values = new Map<string, number>()
  readonly #observed = new Map<string, number[]>()

  /** Of a counter or gauge; `undefined` when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined {
    return this.#values.get(keyOf(name, labels))
  }

  /** What a histogram was given, in order. */
  observed(name: string, labels?: Readonly<Record<string, string>>): readonly number[] {
    return this.#observed.get(keyOf(name, labels)) ?? []
  }

  counter(name: string, _help: string, labels?: Readonly<Record<string, string>>): Counter {
    return { add: (n = 1) => this.#add(keyOf(name, labels), n) }
  }

  gauge(name: string, _help: string, labels?: Readonly<Record<string, string>>): Gauge {
    const key = keyOf(name, labels)
    return { add: (n) => this.#add(key, n), set: (value) => void this.#values.set(key, value) }
  }

  histogram(
    name: string,
    _help: string,
    _buckets: readonly number[],
    labels?: Readonly<Record<string, string>>,
  ): Histogram {
    const key = keyOf(name, labels)
    return {
      observe: (value) => {
        this.#observed.set(key, [...(this.#observed.get(key) ?? []), value])
      },
    }
  }

  #add(key: string, n: number): void {
    this.#values.set(key, (this.#values.get(key) ?? 0) + n)
  }
}

function keyOf(name: string, labels: Readonly<Record<string, string>> = {}): string {
  return `${name}{${Object.keys(labels)
    .sort()
    .map((label) => `${label}=${labels[label]}`)
    .join(',')}}`
}
