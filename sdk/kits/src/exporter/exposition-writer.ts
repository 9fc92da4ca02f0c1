/** Labels of a sample. Empty values are written: an exporter's label sets are fixed. */
export type ExporterLabels = Readonly<Record<string, string>>

interface Family {
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly lines: string[]
}

/** Writes the text exposition format 0.0.4: families in order of their names, samples in order of addition. */
export class ExpositionWriter {
  readonly #families = new Map<string, Family>()

  counter(name: string, help: string, value: number, labels?: ExporterLabels): void {
    this.#add('counter', name, help, value, labels)
  }

  gauge(name: string, help: string, value: number, labels?: ExporterLabels): void {
    this.#add('gauge', name, help, value, labels)
  }

  toString(): string {
    let text = ''
    for (const name of [...this.#families.keys()].sort()) {
      const { help, type, lines } = this.#families.get(name)!
      text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`
    }
    return text
  }

  #add(type: Family['type'], name: string, help: string, value: number, labels: ExporterLabels = {}): void {
    let family = this.#families.get(name)
    if (!family) this.#families.set(name, (family = { help, type, lines: [] }))
    const pairs = Object.keys(labels)
      .sort()
      .map((label) => `${label}="${escaped(labels[label]!)}"`)
    family.lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${textOf(value)}\n`)
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function textOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}
