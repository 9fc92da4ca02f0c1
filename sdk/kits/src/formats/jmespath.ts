import { compile, tokenize } from '@jmespath-community/jmespath'
import type { FormatMistake } from '../format-error.ts'

/** Longer expressions are judged, but not searched for the place of their mistake: that reads them once for each token. */
const searchedCharsMax = 2000

/** An expression in JMESPath. */
export function checkJmespath(text: string): FormatMistake | undefined {
  const wrong = failure(() => compile(text))
  if (wrong === undefined) return undefined
  const { start, end } = text.length > searchedCharsMax ? { start: 0, end: text.length } : placeOf(text)
  const found = start < text.length ? `"${text.slice(start, end)}"` : 'the end'
  return { reason: `found ${found}, want a JMESPath expression`, start, end, advice: adviceFor(text) }
}

/** The parser does not tell places: the first token that cannot follow those before it is the one. */
function placeOf(text: string): { readonly start: number; readonly end: number } {
  const starts = tokenStarts(text)
  if (!starts) return unreadable(text)
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? text.length
    const message = failure(() => compile(text.slice(0, end)))
    if (message !== undefined && !/\(EOF\)|got: EOF/.test(message)) {
      return { start, end: start + text.slice(start, end).trimEnd().length }
    }
  }
  return { start: text.length, end: text.length }
}

/** Where characters begin that are no token. */
function unreadable(text: string): { readonly start: number; readonly end: number } {
  let start = text.length
  while (start > 0 && !tokenStarts(text.slice(0, start))) start--
  start += /^\s*/.exec(text.slice(start))![0].length
  return { start, end: Math.min(start + 1, text.length) }
}

function tokenStarts(text: string): number[] | undefined {
  try {
    return tokenize(text)
      .map((token) => (token as { readonly start?: number }).start)
      .filter((start) => start !== undefined && start < text.length) as number[]
  } catch {
    return undefined
  }
}

function failure(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Names with a dash, a colon or a leading digit are what logs have and expressions do not take as they are. */
function adviceFor(text: string): string | undefined {
  return /^[\w:@/-]+$/.test(text) ? `put the name into double quotes: \\"${text}\\"` : undefined
}
