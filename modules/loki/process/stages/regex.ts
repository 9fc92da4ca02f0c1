import { compileRegexp } from '@ingot/kits'
import { regexp } from '@ingot/sdk'
import { z } from 'zod'
import type { Step } from '../step.ts'

export const regexStage = z.strictObject({
  expression: regexp().describe('Regular expression in RE2 syntax; its named groups are extracted.'),
  source: z.string().default('').describe('Extracted value to match; empty is the line.'),
  labels_from_groups: z.boolean().default(false).describe('Whether named groups become labels too.'),
})

export function compileRegexStage(args: z.output<typeof regexStage>): Step {
  const expression = compileRegexp(args.expression)
  return (entry) => {
    const text = args.source === '' ? entry.line : entry.extractedText(args.source)
    const groups = text === undefined ? undefined : expression.exec(text)?.groups
    if (!groups) return
    for (const name in groups) {
      const value = groups[name] ?? ''
      entry.extract(name, value)
      if (args.labels_from_groups) entry.setLabel(name, value)
    }
  }
}
