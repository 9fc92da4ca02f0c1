import { encodeUtf8, Labels } from '@ingot/telemetry'
import { md5Modulo } from '../bytes/md5.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'
import { compileTemplate, expandTemplate } from '../regexp/template.ts'
import { isLabelName, type RelabelRule } from './relabel-rule.ts'

/** One compiled rule: changes the labels, and says whether they stay. */
type Step = (labels: Map<string, string>) => boolean

/**
 * Relabel rules, compiled once. Prometheus' semantics: an absent label is an empty value, and an empty value removes a
 * label.
 *
 * @example
 * ```ts
 * const rules = new Relabeler([{ action: 'keep', source_labels: ['job'], regex: 'api', … }])
 * rules.apply(labels)?.get('job')
 * ```
 */
export class Relabeler {
  readonly #steps: readonly Step[]

  constructor(rules: readonly RelabelRule[]) {
    this.#steps = rules.map(compile)
  }

  get size(): number {
    return this.#steps.length
  }

  /** The labels that the rules make, or undefined where they drop them. */
  apply(labels: Labels): Labels | undefined {
    if (this.#steps.length === 0) return labels
    const map = new Map<string, string>(labels.entries())
    return this.applyTo(map) ? Labels.from(map) : undefined
  }

  /** As {@link Relabeler.apply}, in place. False where the rules drop the labels. */
  applyTo(labels: Map<string, string>): boolean {
    for (const step of this.#steps) if (!step(labels)) return false
    return true
  }
}

function compile(rule: RelabelRule): Step {
  const { source_labels: sources = [], separator, target_label: target = '' } = rule
  const regexp = compileRegexp(rule.regex, { anchored: true })
  const source = (labels: Map<string, string>) => {
    if (sources.length === 1) return labels.get(sources[0]!) ?? ''
    return sources.map((name) => labels.get(name) ?? '').join(separator)
  }
  switch (rule.action) {
    case 'keep':
      return (labels) => regexp.test(source(labels))
    case 'drop':
      return (labels) => !regexp.test(source(labels))
    case 'keepequal':
      return (labels) => (labels.get(target) ?? '') === source(labels)
    case 'dropequal':
      return (labels) => (labels.get(target) ?? '') !== source(labels)
    case 'hashmod':
      return always((labels) => set(labels, target, String(md5Modulo(encodeUtf8(source(labels)), rule.modulus!))))
    case 'lowercase':
      return always((labels) =>
        set(
          labels,
          target,
          mapCase(source(labels), (char) => char.toLowerCase()),
        ),
      )
    case 'uppercase':
      return always((labels) =>
        set(
          labels,
          target,
          mapCase(source(labels), (char) => char.toUpperCase()),
        ),
      )
    case 'labeldrop':
      return always((labels) => removeNames(labels, (name) => regexp.test(name)))
    case 'labelkeep':
      return always((labels) => removeNames(labels, (name) => !regexp.test(name)))
    case 'labelmap':
      return always(labelmap(rule, regexp))
    case 'replace':
      return always(replace(rule, regexp, source))
  }
}

function always(change: (labels: Map<string, string>) => void): Step {
  return (labels) => {
    change(labels)
    return true
  }
}

function replace(rule: RelabelRule, regexp: RegExp, source: (labels: Map<string, string>) => string) {
  const target = compileTemplate(rule.target_label!)
  const replacement = compileTemplate(rule.replacement)
  return (labels: Map<string, string>) => {
    const match = regexp.exec(source(labels))
    if (!match) return
    const name = expandTemplate(target, match)
    if (isLabelName(name)) set(labels, name, expandTemplate(replacement, match))
  }
}

function labelmap(rule: RelabelRule, regexp: RegExp) {
  const replacement = compileTemplate(rule.replacement)
  return (labels: Map<string, string>) => {
    // What the rule adds is not looked at again.
    const given = [...labels]
    for (const [name, value] of given) {
      const match = regexp.exec(name)
      if (match) set(labels, expandTemplate(replacement, match), value)
    }
  }
}

function removeNames(labels: Map<string, string>, matches: (name: string) => boolean): void {
  for (const name of labels.keys()) if (matches(name)) labels.delete(name)
}

function set(labels: Map<string, string>, name: string, value: string): void {
  if (value === '') labels.delete(name)
  else labels.set(name, value)
}

/** Letter by letter, as Go does: a letter that would become several stays as it is. */
function mapCase(text: string, change: (char: string) => string): string {
  let out = ''
  for (const char of text) {
    const changed = change(char)
    out += changed.length === char.length ? changed : char
  }
  return out
}
