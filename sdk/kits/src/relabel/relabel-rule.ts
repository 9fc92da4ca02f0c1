import { z } from 'zod'
import { checkLabelName } from '../formats/label-name.ts'
import { checkedRegexp } from '../formats/checked-text.ts'
import { withRules } from '../rules/with-rules.ts'
import { type RelabelAction, relabelDefaults } from './check-relabel-rule.ts'

const modulusMax = Number.MAX_SAFE_INTEGER

/** A `rule` block, as Alloy's: give it to `blocks()`. */
export const relabelRule = withRules(
  z.strictObject({
    action: z
      .string()
      .transform((text) => text.toLowerCase() as RelabelAction)
      .prefault(relabelDefaults.action)
      .describe('What the rule does.'),
    modulus: z
      .number()
      .int()
      .min(0)
      .max(modulusMax)
      .optional()
      .describe('Modulus of the hash of the source labels, for hashmod.'),
    regex: checkedRegexp()
      .default(relabelDefaults.regex)
      .describe('Regular expression that the source value must match as a whole.'),
    replacement: z
      .string()
      .default(relabelDefaults.replacement)
      .describe('What replaces the target label; may refer to groups of the expression.'),
    separator: z
      .string()
      .default(relabelDefaults.separator)
      .describe('Stands between the values of the source labels.'),
    source_labels: z.array(z.string()).optional().describe('Labels whose values are taken, in this order.'),
    target_label: z.string().optional().describe('Label that is written; may refer to groups of the expression.'),
  }),
  { rule: 'relabel_rule' },
)

export type RelabelRule = z.output<typeof relabelRule>

export function isLabelName(text: string): boolean {
  return checkLabelName(text) === undefined
}
