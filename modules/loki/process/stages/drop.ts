import { checkedRegexp, compileRegexp, withRules } from '@ingot/kits'
import { duration, size } from '@ingot/sdk'
import { z } from 'zod'
import type { Entry } from '../entry.ts'
import type { Step, StepWorld } from '../step.ts'

export const dropStage = withRules(
  z.strictObject({
    source: z.string().default('').describe('Names of extracted values, separated by commas; empty is the line.'),
    separator: z.string().default(';').describe('Put between the values of several sources.'),
    value: z.string().default('').describe('Drops entries whose source equals it.'),
    expression: checkedRegexp().default('').describe('Drops entries whose source matches the regular expression.'),
    older_than: duration().optional().describe('Drops entries with an older timestamp.'),
    longer_than: size().optional().describe('Drops entries with a longer line.'),
    drop_counter_reason: z.string().default('drop_stage').describe('Reason under which dropped entries are counted.'),
  }),
  { rule: 'at_least_one', of: ['source', 'expression', 'older_than', 'longer_than'] },
  { rule: 'at_most_one', of: ['value', 'expression'] },
  { rule: 'requires', when: 'value', of: ['source'] },
)

/** All conditions that are given must hold. */
export function compileDrop(args: z.output<typeof dropStage>, world: StepWorld): Step {
  const conditions: ((entry: Entry) => boolean)[] = []
  const { longer_than: bytesMax, older_than: ageMs, source, value, separator, expression } = args
  if (bytesMax) conditions.push((entry) => entry.lineBytes > bytesMax)
  if (ageMs) conditions.push((entry) => entry.seconds * 1000 + entry.nanos / 1e6 < world.clock.now() - ageMs)
  const sources = source === '' ? [] : source.split(',').map((name) => name.trim())
  const joined = (entry: Entry) =>
    sources
      .map((name) => entry.extractedText(name))
      .filter((text) => text !== undefined)
      .join(separator)
  if (expression) {
    const regexp = compileRegexp(expression)
    conditions.push(sources.length === 0 ? (entry) => regexp.test(entry.line) : (entry) => regexp.test(joined(entry)))
  } else if (value) conditions.push((entry) => joined(entry) === value)
  else if (sources.length > 0) conditions.push((entry) => sources.every((name) => entry.extracted(name) !== undefined))
  return (entry) => {
    if (conditions.every((holds) => holds(entry))) entry.dropReason = args.drop_counter_reason
  }
}

export const samplingStage = z.strictObject({
  rate: z.number().min(0).max(1).describe('Share of the entries to keep.'),
  drop_counter_reason: z.string().default('sampling_stage').describe('Reason under which dropped entries are counted.'),
})

export function compileSampling(args: z.output<typeof samplingStage>, world: StepWorld): Step {
  return (entry) => {
    if (world.random.float() >= args.rate) entry.dropReason = args.drop_counter_reason
  }
}
