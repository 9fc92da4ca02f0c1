import { checkedRegexp, compileRegexp } from '@ingot/kits'
import { text } from '@ingot/sdk'
import { search } from '@jmespath-community/jmespath'
import { z } from 'zod'
import type { Entry, Extracted } from '../entry.ts'
import type { Step } from '../step.ts'

export const jsonStage = z.strictObject({
  expressions: z
    .record(z.string(), text('jmespath', { empty: 'name' }))
    .optional()
    .describe('Names to extract, and the JMESPath expression of each; an empty one is the name itself.'),
  regex: checkedRegexp().optional().describe('Extracts all top-level fields whose name matches.'),
  source: z.string().default('').describe('Extracted value to read; empty is the line.'),
  drop_malformed: z.boolean().default(false).describe('Drops entries that are not JSON.'),
})

type Read = (document: unknown) => unknown

export function compileJson(args: z.output<typeof jsonStage>): Step {
  const reads = Object.entries(args.expressions ?? {}).map(([name, expression]) => ({
    name,
    read: compilePath(expression || name),
  }))
  const fields = args.regex ? compileRegexp(args.regex) : undefined
  return (entry) => {
    const text = args.source === '' ? entry.line : entry.extractedText(args.source)
    if (text === undefined) return
    let document: unknown
    try {
      document = JSON.parse(text)
    } catch {
      if (args.drop_malformed) entry.dropReason = 'malformed_json'
      return
    }
    for (const { name, read } of reads) extractValue(entry, name, read(document))
    if (!fields || !isObject(document)) return
    for (const [name, value] of Object.entries(document)) if (fields.test(name)) extractValue(entry, name, value)
  }
}

function extractValue(entry: Entry, name: string, value: unknown): void {
  if (value === undefined) return
  entry.extract(name, typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Extracted))
}

/** Field names with dots, by far the most common expressions, are read without the library. */
function compilePath(expression: string): Read {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(expression)) return compileExpression(expression)
  const path = expression.split('.')
  return (document) => {
    let value = document
    for (const name of path) {
      if (!isObject(value)) return null
      value = Object.hasOwn(value, name) ? value[name] : null
    }
    return value
  }
}

function compileExpression(expression: string): Read {
  // Parsed here once for its errors: a wrong expression is an error of the configuration.
  search({}, expression)
  return (document) => {
    try {
      return search(document as Parameters<typeof search>[0], expression)
    } catch {
      return null
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
