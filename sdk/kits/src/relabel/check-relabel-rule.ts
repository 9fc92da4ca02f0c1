import { FormatError } from '../format-error.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'
import type { BodyMistake } from '../rules/rule.ts'

export const relabelActions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const
export type RelabelAction = (typeof relabelActions)[number]

/** What a rule has where it says nothing. */
export const relabelDefaults = { action: 'replace', regex: '(.*)', replacement: '$1', separator: ';' } as const

const targeted: readonly string[] = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']
const withoutReplacement: readonly string[] = ['lowercase', 'uppercase', 'keepequal', 'dropequal']

/** What each action uses, beside its own name. What it does not use must be left as it is where Alloy wants that. */
const onlyUses: Readonly<Record<string, readonly string[]>> = {
  labeldrop: ['regex'],
  labelkeep: ['regex'],
  keepequal: ['source_labels', 'target_label'],
  dropequal: ['source_labels', 'target_label'],
}

interface RuleValues {
  readonly action: string
  readonly regex: string
  readonly replacement: string
  readonly separator: string
  readonly target_label: string
  readonly source_labels: readonly unknown[] | undefined
  readonly modulus: unknown
}

/** What the action of a relabel rule wants of its other arguments, and they are not. */
export function checkRelabelRule(given: Readonly<Record<string, unknown>>): BodyMistake[] {
  const rule = {
    ...relabelDefaults,
    target_label: '',
    source_labels: undefined,
    modulus: 0,
    ...defined(given),
  } as RuleValues
  const action = rule.action.toLowerCase()
  if (!(relabelActions as readonly string[]).includes(action)) return [unknownAction(rule.action)]
  return [
    ...checkUnused(action, rule),
    ...checkTarget(action, rule),
    ...checkReplacement(action, rule),
    ...(action === 'hashmod' && !rule.modulus ? [missing('modulus', action)] : []),
  ]
}

function defined(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
}

function unknownAction(found: string): BodyMistake {
  const want = relabelActions.map((each) => `"${each}"`).join(', ')
  const reason = `found "${found}", want one of ${want}`
  return { kind: 'invalid', argument: 'action', reason, choices: relabelActions }
}

function missing(argument: string, action: string): BodyMistake {
  return { kind: 'missing', argument, reason: `"${argument}" is missing, which action "${action}" needs` }
}

function checkUnused(action: string, rule: RuleValues): BodyMistake[] {
  const uses = onlyUses[action]
  if (!uses) return []
  const neutral: Readonly<Record<string, unknown>> = { ...relabelDefaults, target_label: '', modulus: 0 }
  const unused = ['source_labels', 'target_label', 'modulus', 'separator', 'replacement', 'regex'].filter((name) => {
    if (uses.includes(name)) return false
    const value = rule[name as keyof RuleValues]
    return name === 'source_labels' ? value !== undefined : value !== neutral[name]
  })
  return unused.map((argument) => {
    const want = uses.map((name) => `"${name}"`).join(' and ')
    const reason = `"${argument}" cannot be set together with "action" "${action}", which takes only ${want}`
    return { kind: 'conflict', argument, other: 'action', reason }
  })
}

function checkTarget(action: string, { target_label: target, regex }: RuleValues): BodyMistake[] {
  if (!targeted.includes(action)) return []
  if (target === '') return [missing('target_label', action)]
  if (action === 'hashmod') return []
  return checkLabelTemplate('target_label', target, action === 'replace' ? regex : undefined)
}

function checkReplacement(action: string, { replacement, regex }: RuleValues): BodyMistake[] {
  if (withoutReplacement.includes(action) && !onlyUses[action] && replacement !== relabelDefaults.replacement) {
    const reason = `"replacement" cannot be set together with "action" "${action}", which does not use it`
    return [{ kind: 'conflict', argument: 'replacement', other: 'action', reason }]
  }
  if (action === 'labelmap') return checkLabelTemplate('replacement', replacement, regex)
  return action === 'replace' ? unknownGroups('replacement', replacement, regex) : []
}

/** A label name in which `$1`, `${1}` and `${name}` stand for what will be known later. */
function checkLabelTemplate(argument: string, text: string, regex: string | undefined): BodyMistake[] {
  const good = /^(?:(?:[a-zA-Z_]|\$\w|\$\{\w+\})(?:\w|\$\w|\$\{\w+\})*)?/.exec(text)![0].length
  if (good === text.length && text !== '') return unknownGroups(argument, text, regex)
  const found = text === '' ? 'nothing' : `"${text[good]}"`
  const reason = `found ${found}, want a label name, in which groups of the expression may stand as $1 or \${name}`
  return [{ kind: 'invalid', argument, reason, place: { start: good, end: Math.min(good + 1, text.length) } }]
}

interface Groups {
  readonly count: number
  readonly names: ReadonlySet<string>
}

/** Expressions whose groups are remembered: the same few stand in most rules, and are checked at every keystroke. */
const rememberedMax = 10_000
const remembered = new Map<string, Groups | undefined>()

/** The groups that an expression has; `undefined` where it is none. */
function groupsOf(regex: string): Groups | undefined {
  if (!remembered.has(regex)) {
    if (remembered.size >= rememberedMax) remembered.clear()
    remembered.set(regex, readGroups(regex))
  }
  return remembered.get(regex)
}

function readGroups(regex: string): Groups | undefined {
  try {
    const match = new RegExp(`${compileRegexp(regex).source}|`, 'u').exec('')!
    return { count: match.length - 1, names: new Set(Object.keys(match.groups ?? {})) }
  } catch (error) {
    if (error instanceof FormatError || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** References to groups that are not there: legal, and always empty. */
function unknownGroups(argument: string, text: string, regex: string | undefined): BodyMistake[] {
  const groups = regex !== undefined && text.includes('$') ? groupsOf(regex) : undefined
  if (!groups) return []
  const found: BodyMistake[] = []
  for (const match of text.matchAll(/\$(?:\$|(\w+)|\{(\w+)\})/g)) {
    const name = match[1] ?? match[2]
    if (name === undefined || (/^\d+$/.test(name) ? Number(name) <= groups.count : groups.names.has(name))) continue
    const [, number] = match[1] === undefined ? [] : (/^(\d+)\D/.exec(name) ?? [])
    found.push({
      kind: 'doubtful',
      argument,
      reason: `"${match[0]}" is always empty: the expression has no group "${name}"`,
      place: { start: match.index, end: match.index + match[0].length },
      advice:
        number === undefined
          ? undefined
          : `write "\${${number}}${name.slice(number.length)}" for what follows group ${number}`,
    })
  }
  return found
}
