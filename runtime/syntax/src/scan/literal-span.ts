import type { Expression, Span } from '../ast.ts'
import { scanString } from './string.ts'

/** An element of a quoted string: an escape, or one code unit. */
const element = /\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^\\]/sy

/**
 * Where a part of a text is written, `start` and `end` being offsets in the text's value; all of the expression where it is
 * not a literal or all of it is meant. An empty part is shown by the character at its place: behind the last one, by the closing quote.
 */
export function literalSpan(expression: Expression, { start, end }: Span): Span {
  let literal = expression
  while (literal.kind === 'paren') literal = literal.inner
  if (literal.kind !== 'literal' || typeof literal.value !== 'string') return expression.span
  if (start === 0 && end === literal.value.length) return literal.span
  const from = rawOffset(literal.raw, start)
  const to = Math.max(rawOffset(literal.raw, end), from + 1)
  return { start: literal.span.start + from, end: Math.min(literal.span.start + to, literal.span.end) }
}

/** The offset in the source of a string, its quotes included, of the place `offset` in its value. */
function rawOffset(raw: string, offset: number): number {
  if (raw.startsWith('`')) return rawStringOffset(raw, offset)
  let at = 1
  for (let value = 0; value < offset && at < raw.length - 1;) {
    const end = elementsEnd(raw, at)
    value += scanString(`"${raw.slice(at, end)}"`, 0, '', () => undefined).text.length
    if (value <= offset) at = end
  }
  return at
}

/** Bytes that are given one by one are one character together. */
function elementsEnd(raw: string, start: number): number {
  const bytes = /(?:\\(?:[23][0-7]{2}|x[89a-fA-F][0-9a-fA-F]))+/y
  bytes.lastIndex = start
  if (bytes.test(raw)) return bytes.lastIndex
  element.lastIndex = start
  return element.test(raw) ? element.lastIndex : raw.length
}

/** Carriage returns are not part of the value. */
function rawStringOffset(raw: string, offset: number): number {
  let at = 1
  for (let value = 0; at < raw.length - 1; at++) {
    if (raw[at] === '\r') continue
    if (value++ === offset) break
  }
  return at
}
