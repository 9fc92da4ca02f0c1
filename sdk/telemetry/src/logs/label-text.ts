import type { Labels } from '../labels.ts'

/** `{app="web", level="info"}`: a label set as Loki's push API wants it, its values quoted as Go's `strconv.Quote` does. */
export function formatLabels(labels: Labels): string {
  let text = '{'
  for (let i = 0; i < labels.size; i++) {
    if (i > 0) text += ', '
    text += `${labels.names[i]!}=${quoteGo(labels.values[i]!)}`
  }
  return `${text}}`
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/
const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
// Go prints letters, marks, numbers, punctuation, symbols and the ASCII space (unicode.IsPrint).
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** A Go string literal in double quotes for `text`: control and other unprintable characters as `\n`, `\x01` or `\u200b`. */
export function quoteGo(text: string): string {
  if (plain.test(text)) return `"${text}"`
  let quoted = '"'
  for (const char of text) quoted += named[char] ?? (printable.test(char) ? char : escaped(char.codePointAt(0)!))
  return `${quoted}"`
}

function escaped(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  if (code >= 0xd800 && code < 0xe000) return '\ufffd'
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
