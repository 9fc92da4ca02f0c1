/** An argument or block; of several, any one of them. */
export type Names = string | readonly string[]

/** That an argument is given, or that it has one of some values. */
export type Condition = string | Readonly<Record<string, readonly (string | number | boolean)[]>>

/**
 * What must hold between the arguments and blocks of one body. Plain data: a manifest carries it to whoever checks a
 * configuration without running the component. An argument counts as given when it is not absent, empty, 0 or false.
 */
export type Rule =
  | { readonly rule: 'at_most_one' | 'exactly_one' | 'at_least_one'; readonly of: readonly Names[] }
  | { readonly rule: 'requires' | 'excludes'; readonly when: Condition; readonly of: readonly Names[] }
  /** Durations, sizes and numbers. `unless_zero`: 0 of the larger one means that there is no limit. */
  | { readonly rule: 'not_greater'; readonly of: readonly [string, string]; readonly unless_zero?: boolean }
  | { readonly rule: 'positive'; readonly of: readonly string[] }
  /** Of a list of texts, or of blocks by one of their arguments. */
  | { readonly rule: 'unique'; readonly of: string; readonly by?: string; readonly ignore_case?: boolean }
  /** Everything that relabel rules want of their arguments. */
  | { readonly rule: 'relabel_rule' }

/** What a rule does not find. */
export interface BodyMistake {
  /** `doubtful`: legal, and surely not meant. */
  readonly kind: 'missing' | 'conflict' | 'invalid' | 'doubtful'
  /** At fault, or to be added. */
  readonly argument: string
  /** What was found, and what is wanted. */
  readonly reason: string
  /** What is in the way, given beside it. */
  readonly other?: string
  /** The other one is as much at fault. */
  readonly mutual?: boolean
  /** In the text of the argument. */
  readonly place?: { readonly start: number; readonly end: number }
  readonly advice?: string | undefined
  /** The values that the argument may have. */
  readonly choices?: readonly string[]
}

/** The arguments and blocks that a rule looks at. */
export function namesOf(rule: Rule): readonly string[] {
  switch (rule.rule) {
    case 'relabel_rule':
      return relabelArguments
    case 'unique':
      return [rule.of]
    case 'requires':
    case 'excludes':
      return [...rule.of.flat(), ...(typeof rule.when === 'string' ? [rule.when] : Object.keys(rule.when))]
    default:
      return rule.of.flat()
  }
}

const relabelArguments = [
  'action',
  'modulus',
  'regex',
  'replacement',
  'separator',
  'source_labels',
  'target_label',
] as const
