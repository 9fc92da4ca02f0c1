import { checkedRegexp, compileRegexp } from '@ingot/kits'
import { z } from 'zod'
import type { Step } from '../step.ts'

export const logfmtStage = z.strictObject({
  mapping: z
    .record(z.string(), z.string())
    .optional()
    .describe('Names to extract, and the logfmt key of each; an empty one is the name itself.'),
  regex: checkedRegexp().optional().describe('Extracts all keys that match.'),
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
    eachPair(text, (key, valueStart, valueEnd, escaped) => {
      const wanted = names.get(key)
      const matching = keys?.test(key)
      if (!wanted && !matching) return
      const raw = text.slice(valueStart, valueEnd)
      const value = escaped ? unescape(raw) : raw
      if (wanted) for (const name of wanted) entry.extract(name, value)
      if (matching) entry.extract(key, value)
    })
  }
}

const space = 32
const quote = 34
const equals = 61
const backslash = 92

/**
 * Finds `key=value` pairs; values may be quoted, with JSON's escapes. A key without a value has an empty one. The value
 * is given by its place, so that unwanted ones cost nothing.
 */
function eachPair(
  text: string,
  take: (key: string, valueStart: number, valueEnd: number, escaped: boolean) => void,
): void {
  const { length } = text
  for (let at = 0; at < length;) {
    while (at < length && text.charCodeAt(at) <= space) at++
    const keyStart = at
    while (at < length && isKeyUnit(text.charCodeAt(at))) at++
    const keyEnd = at
    let valueStart = at
    let escaped = false
    if (text.charCodeAt(at) === equals) {
      valueStart = ++at
      if (text.charCodeAt(at) === quote) {
        valueStart = ++at
        while (at < length && text.charCodeAt(at) !== quote) {
          if (text.charCodeAt(at) === backslash) {
            escaped = true
            at++
          }
          at++
        }
      } else while (at < length && text.charCodeAt(at) > space) at++
    } else if (text.charCodeAt(at) === quote) at++
    const valueEnd = Math.min(at, length)
    if (text.charCodeAt(at) === quote) at++
    if (keyEnd > keyStart)
      take(text.slice(keyStart, keyEnd), valueStart, keyEnd === valueStart ? keyEnd : valueEnd, escaped)
  }
}

function isKeyUnit(unit: number): boolean {
  return unit > space && unit !== equals && unit !== quote
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (escapes[char] ?? char),
  )
}
