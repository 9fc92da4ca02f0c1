import stringWidth from 'string-width'
import type { Span } from '../ast.ts'
import { position } from './position.ts'

const TAB = '    '

/** Cells of a line that are shown: a generated file can be one line of a megabyte. */
const LINE_CELLS_MAX = 160

/** Cells shown in front of a mark that stands far to the right. */
const LEAD_CELLS = 40

export interface Excerpt {
  readonly line: number
  /** The line, fit for a terminal. */
  readonly source: string
  /** What stands above nothing: as wide as the text in front of the mark. */
  readonly indent: string
  readonly carets: string
}

/** The line that a span begins on, and carets under the part of the span that is on it; at least one. */
export function excerpt(text: string, span: Span): Excerpt {
  const { line } = position(text, span.start)
  const start = Math.min(span.start, text.length)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', start)
  const lineEnd = newline === -1 ? text.length : newline
  const end = Math.max(start, Math.min(span.end, lineEnd))
  const parts = crop(text.slice(lineStart, start), text.slice(start, end), text.slice(end, lineEnd))
  const [before, marked, after] = parts.map(printable) as [string, string, string]
  return {
    line,
    source: (before + marked + after).trimEnd(),
    indent: ' '.repeat(stringWidth(before)),
    carets: '^'.repeat(Math.max(1, stringWidth(marked.trimEnd()))),
  }
}

/** Keeps what is around the mark. Counted in UTF-16 units, which is close enough for a bound. */
function crop(before: string, marked: string, after: string): [string, string, string] {
  if (before.length + marked.length + after.length <= LINE_CELLS_MAX) return [before, marked, after]
  const lead = before.length > LEAD_CELLS ? `…${before.slice(-LEAD_CELLS)}` : before
  const room = LINE_CELLS_MAX - lead.length
  if (marked.length > room) return [lead, marked.slice(0, room), '…']
  const rest = room - marked.length
  return [lead, marked, after.length > rest ? `${after.slice(0, rest)}…` : after]
}

/** Tabs have one width everywhere, and nothing in a configuration can steer the terminal. */
function printable(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll('\t', TAB)
    .replace(/[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069\uFEFF]/gu, '\uFFFD')
}
