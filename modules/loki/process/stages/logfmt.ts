import { compileRegexp } from '@ingot/kits'
import { z } from 'zod'
import type { Step } from '../step.ts'

export const logfmtStage = z.strictObject({
  mapping: z
    .record(z.string(), z.string())
    .optional()
    .describe('Names to extract, and the logfmt key of each; an empty one is the name itself.'),
  regex: z.string().optional().describe('Extracts all keys that match.'),
  source: z.string().default('').describe('Extracted value to read; empty is the line.'),
})

export function compileLogfmt(args: z.output<typeof logfmtStage>): Step {
  const names = new Map<string, string[]>()
  for (const [name, key] of Object.entries(args.mapping ?? {}))
    names.set(key || name, [...(names.get(key || name) ?? []), name])
  const keys = args.regex ? compileRegexp(args.regex) : undefined
  return (entry) => {
    const text = args.source === '' ? entry.line : entry.extractedText(args.source)
    if (text === undefined) return
    for (const [key, value] of logfmtPairs(text)) {
      for (const name of names.get(key) ?? []) entry.extract(name, value)
      if (keys?.test(key)) entry.extract(key, value)
    }
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
const pair = /([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?/gs

/** `key=value` pairs; values may be quoted, with JSON's escapes. A key without a value has an empty one. */
export function* logfmtPairs(text: string): Generator<[key: string, value: string]> {
  for (const [, key, quoted, plain] of text.matchAll(pair)) {
    const value = quoted?.includes('\\')
      ? quoted.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
          hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (escapes[char] ?? char),
        )
      : quoted
    yield [key!, value ?? plain ?? '']
  }
}
