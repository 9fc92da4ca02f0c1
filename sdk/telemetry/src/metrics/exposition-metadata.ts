import type { MetricMetadata } from './batch.ts'
import { unescape } from './exposition-labels.ts'

const types: Readonly<Record<string, MetricMetadata['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
  untyped: 'unknown',
}
/** Families of one target; a target that invents more loses the rest of its metadata, never samples. */
const familiesMax = 50_000

/** What HELP, TYPE and UNIT lines say, and what of it is new. */
export class ExpositionMetadata {
  readonly families = new Map<string, MetricMetadata>()
  /** Families that are new or have changed since {@link ExpositionMetadata.begin}. */
  changed = new Map<string, MetricMetadata>()

  begin(): void {
    this.changed = new Map()
  }

  /** Reads a comment line. @returns what is wrong with it, if anything. */
  read(line: string): string | undefined {
    const found = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:[ \t]+(.*))?$/.exec(line)
    if (!found) return undefined
    const [, kind, quotedName, plainName, rest = ''] = found
    const name = quotedName === undefined ? plainName! : unescape(quotedName)
    const known = this.families.get(name) ?? { type: 'unknown', help: '', unit: '' }
    if (kind === 'HELP') this.#set(name, known, { ...known, help: unescape(rest) })
    else if (kind === 'UNIT') this.#set(name, known, { ...known, unit: rest.trim() })
    else {
      const type = types[rest.trim()]
      if (type === undefined) return `invalid metric type ${JSON.stringify(rest.trim())}`
      this.#set(name, known, { ...known, type })
    }
    return undefined
  }

  #set(name: string, known: MetricMetadata, next: MetricMetadata): void {
    const isNew = !this.families.has(name)
    if (!isNew && known.type === next.type && known.help === next.help && known.unit === next.unit) return
    if (isNew && this.families.size >= familiesMax) return
    this.families.set(name, next)
    this.changed.set(name, next)
  }
}
