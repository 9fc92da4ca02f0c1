import { checkRelabelRule } from '../relabel/check-relabel-rule.ts'
import type { BodyMistake, Condition, Names, Rule } from './rule.ts'

/** Arguments and blocks by name, with their defaults; durations and sizes as numbers. */
export type BodyValues = Readonly<Record<string, unknown>>

/** What of a rule does not hold. */
export function brokenBy(rule: Rule, values: BodyValues): BodyMistake[] {
  switch (rule.rule) {
    case 'at_most_one':
      return atMostOne(rule.of, values)
    case 'at_least_one':
      return atLeastOne(rule.of, values)
    case 'exactly_one':
      return [...atMostOne(rule.of, values), ...atLeastOne(rule.of, values)]
    case 'requires':
      return requires(rule.when, rule.of, values)
    case 'excludes':
      return excludes(rule.when, rule.of, values)
    case 'not_greater':
      return notGreater(rule.of, rule.unless_zero ?? false, values)
    case 'positive':
      return rule.of
        .filter((name) => typeof values[name] === 'number' && values[name] <= 0)
        .map((name) => ({ kind: 'invalid', argument: name, reason: `${name} must be greater than 0` }))
    case 'unique':
      return unique(rule.of, rule.by, rule.ignore_case ?? false, values)
    case 'relabel_rule':
      return checkRelabelRule(values)
    default:
      // A manifest that a later version made may have rules that this one does not know.
      return []
  }
}

export function isGiven(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

function given(names: Names, values: BodyValues): string | undefined {
  return [names].flat().find((name) => isGiven(values[name]))
}

function atMostOne(of: readonly Names[], values: BodyValues): BodyMistake[] {
  const [first, ...others] = of.map((names) => given(names, values)).filter((name) => name !== undefined)
  return others.map((argument) => {
    const reason = `"${first}" and "${argument}" exclude each other, want at most one of ${listed(of)}`
    return { kind: 'conflict', argument, other: first!, mutual: true, reason }
  })
}

function atLeastOne(of: readonly Names[], values: BodyValues): BodyMistake[] {
  if (of.some((names) => given(names, values) !== undefined)) return []
  const [argument] = [of[0]!].flat()
  return [{ kind: 'missing', argument: argument!, reason: `want at least one of ${listed(of)}` }]
}

function requires(when: Condition, of: readonly Names[], values: BodyValues): BodyMistake[] {
  const cause = holds(when, values)
  if (cause === undefined) return []
  return of
    .filter((names) => given(names, values) === undefined)
    .map((names) => {
      const [argument] = [names].flat()
      return { kind: 'missing', argument: argument!, reason: `${listed([names])} is missing, which ${cause} needs` }
    })
}

function excludes(when: Condition, of: readonly Names[], values: BodyValues): BodyMistake[] {
  const cause = holds(when, values)
  if (cause === undefined) return []
  const [other] = typeof when === 'string' ? [when] : Object.keys(when)
  return of.flatMap((names): BodyMistake[] => {
    const argument = given(names, values)
    if (argument === undefined) return []
    return [{ kind: 'conflict', argument, other: other!, reason: `"${argument}" cannot be set together with ${cause}` }]
  })
}

/** @returns the condition in words, where it holds */
function holds(when: Condition, values: BodyValues): string | undefined {
  if (typeof when === 'string') return isGiven(values[when]) ? `"${when}"` : undefined
  const parts: string[] = []
  for (const [name, wanted] of Object.entries(when)) {
    if (!wanted.some((each) => each === values[name])) return undefined
    parts.push(`"${name}" ${JSON.stringify(values[name])}`)
  }
  return parts.join(' and ')
}

function notGreater([low, high]: readonly [string, string], unlessZero: boolean, values: BodyValues): BodyMistake[] {
  const [less, more] = [values[low], values[high]]
  if (typeof less !== 'number' || typeof more !== 'number' || less <= more || (unlessZero && more === 0)) return []
  return [{ kind: 'invalid', argument: low, other: high, reason: `${low} must not be greater than ${high}` }]
}

function unique(of: string, by: string | undefined, ignoreCase: boolean, values: BodyValues): BodyMistake[] {
  const list = values[of]
  if (!Array.isArray(list)) return []
  const seen = new Set<string>()
  for (const item of list as unknown[]) {
    const value = by === undefined ? item : (item as BodyValues | null)?.[by]
    if (typeof value !== 'string') continue
    const key = ignoreCase ? value.toLowerCase() : value
    const what = by === undefined ? of : `${by} of ${of}`
    if (seen.has(key)) return [{ kind: 'invalid', argument: of, reason: `${what} must not be "${value}" twice` }]
    seen.add(key)
  }
  return []
}

function listed(of: readonly Names[]): string {
  return of
    .map((names) =>
      [names]
        .flat()
        .map((name) => `"${name}"`)
        .join(' or '),
    )
    .join(', ')
}
