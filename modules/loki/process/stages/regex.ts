import { checkedRegexp, compileRegexp } from '@ingot/kits'
import { z } from 'zod'
import type { Step } from '../step.ts'

export const regexStage = z.strictObject({
  expression: checkedRegexp().describe('Regular expression in RE2 syntax; its named groups are extracted.'),
  source: z.string().default('').describe('Extracted value to match; empty is the line.'),
  labels_from_groups: z.boolean().default(false).describe('Whether named groups become labels too.'),
})

export function compileRegexStage(args: z.output<typeof regexStage>): Step {
  const expression = compileRegexp(args.expression)
  const groups = namedGroups(expression.source)
  return (entry) => {
    const text = args.source === '' ? entry.line : entry.extractedText(args.source)
    const match = text === undefined ? null : expression.exec(text)
    if (!match) return
    for (const { name, index } of groups) {
      const value = match[index] ?? ''
      entry.extract(name, value)
      if (args.labels_from_groups) entry.setLabel(name, value)
    }
  }
}

/** Numbers of the named groups: reading a match by number is much faster than by name. */
function namedGroups(source: string): { readonly name: string; readonly index: number }[] {
  const groups: { name: string; index: number }[] = []
  let index = 0
  for (const [, group, name] of source.matchAll(/\\.|\[(?:\\.|[^\]])*\]|(\((?!\?)|\(\?<([A-Za-z_]\w*)>)/gs)) {
    if (group === undefined) continue
    index++
    if (name !== undefined) groups.push({ name, index })
  }
  return groups
}
