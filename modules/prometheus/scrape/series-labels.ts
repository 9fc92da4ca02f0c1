import { Labels, type LabelPairs } from '@ingot/telemetry'
import type { ScrapeArguments } from './arguments.ts'

export type SeriesRules = Pick<
  ScrapeArguments,
  | 'honor_labels'
  | 'label_limit'
  | 'label_name_length_limit'
  | 'label_value_length_limit'
  | 'metric_name_validation_scheme'
>

/**
 * Labels of a series: those of the exposition and those of the target. Where both have one, `honor_labels` decides: the
 * exposition's wins, or it is renamed to `exported_…`.
 * @throws Error when a name is invalid or a limit is exceeded.
 */
export function seriesLabels(pairs: LabelPairs, target: Labels, rules: SeriesRules): Labels {
  const labels = new Map<string, string>()
  for (const [name, value] of pairs) if (value !== '') labels.set(name, value)
  if (rules.metric_name_validation_scheme === 'legacy') checkNames(labels)
  for (const [name, value] of target.entries()) {
    const own = labels.get(name)
    if (own !== undefined && rules.honor_labels) continue
    if (own !== undefined) labels.set(exportedName(name, labels, target), own)
    labels.set(name, value)
  }
  checkLimits(labels, rules)
  return Labels.from(labels)
}

function exportedName(name: string, labels: ReadonlyMap<string, string>, target: Labels): string {
  let exported = `exported_${name}`
  while (labels.has(exported) || target.get(exported) !== undefined) exported = `exported_${exported}`
  return exported
}

function checkNames(labels: ReadonlyMap<string, string>): void {
  for (const [name, value] of labels) {
    if (name === '__name__' ? !/^[a-zA-Z_:][\w:]*$/.test(value) : !/^[a-zA-Z_]\w*$/.test(name)) {
      throw new Error(
        `found the invalid ${name === '__name__' ? `metric name ${JSON.stringify(value)}` : `label name ${JSON.stringify(name)}`}`,
      )
    }
  }
}

function checkLimits(labels: ReadonlyMap<string, string>, rules: SeriesRules): void {
  const { label_limit: count, label_name_length_limit: nameLength, label_value_length_limit: valueLength } = rules
  if (count > 0 && labels.size > count)
    throw new Error(`label_limit exceeded: found ${labels.size} labels, want at most ${count}`)
  if (nameLength === 0 && valueLength === 0) return
  for (const [name, value] of labels) {
    if (nameLength > 0 && name.length > nameLength)
      throw new Error(`label_name_length_limit exceeded: "${name}" is longer than ${nameLength}`)
    if (valueLength > 0 && value.length > valueLength)
      throw new Error(`label_value_length_limit exceeded: the value of "${name}" is longer than ${valueLength}`)
  }
}
