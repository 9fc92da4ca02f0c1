import { z } from 'zod'
import { regexp } from '@ingot/sdk'
import { compileRegexp } from '../regexp/compile-regexp.ts'

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

const needTarget: readonly RelabelAction[] = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']
const modulusMax = Number.MAX_SAFE_INTEGER

/** A `rule` block, as Alloy's: give it to `blocks()`. */
export const relabelRule = z
  .strictObject({
    action: z
      .string()
      .transform((text) => text.toLowerCase())
      .pipe(z.enum(relabelActions))
      .prefault('replace')
      .describe('What the rule does.'),
    modulus: z
      .number()
      .int()
      .min(0)
      .max(modulusMax)
      .optional()
      .describe('Modulus of the hash of the source labels, for hashmod.'),
    regex: regexp().default('(.*)').describe('Regular expression that the source value must match as a whole.'),
    replacement: z
      .string()
      .default('$1')
      .describe('What replaces the target label; may refer to groups of the expression.'),
    separator: z.string().default(';').describe('Stands between the values of the source labels.'),
    source_labels: z.array(z.string()).optional().describe('Labels whose values are taken, in this order.'),
    target_label: z.string().optional().describe('Label that is written; may refer to groups of the expression.'),
  })
  .superRefine((rule, ctx) => {
    const reject = (message: string) => ctx.addIssue({ code: 'custom', message })
    try {
      compileRegexp(rule.regex, { anchored: true })
    } catch (error) {
      reject((error as Error).message)
    }
    const { action, target_label: target = '' } = rule
    if (needTarget.includes(action) && target === '')
      reject(`relabel configuration for ${action} action requires 'target_label' value`)
    if (action === 'hashmod' && !rule.modulus) reject("relabel configuration for hashmod requires non-zero 'modulus'")
    if (needTarget.includes(action) && action !== 'replace' && target !== '' && !isLabelName(target))
      reject(`"${target}" is an invalid 'target_label' for ${action} action`)
    if (action === 'replace' && target !== '' && !isTargetTemplate(target))
      reject(`"${target}" is an invalid 'target_label' for replace action`)
    if (action === 'labelmap' && !isTargetTemplate(rule.replacement))
      reject(`"${rule.replacement}" is an invalid 'replacement' for labelmap action`)
    if ((action === 'keepequal' || action === 'dropequal') && !rule.source_labels?.length)
      reject(`relabel configuration for ${action} action requires 'source_labels' value`)
    if (action === 'labeldrop' || action === 'labelkeep') {
      if (target !== '' || rule.source_labels?.length || rule.modulus)
        reject(`${action} action requires only 'regex', and no other fields`)
    }
  })

export type RelabelRule = z.output<typeof relabelRule>

export function isLabelName(text: string): boolean {
  return /^[a-zA-Z_]\w*$/.test(text)
}

/** A label name in which `$1`, `${1}` and `${name}` stand for what will be known later. */
function isTargetTemplate(text: string): boolean {
  return /^(?:[a-zA-Z_]|\$\w|\$\{\w+\})(?:\w|\$\w|\$\{\w+\})*$/.test(text)
}
