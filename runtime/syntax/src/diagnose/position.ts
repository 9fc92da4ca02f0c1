export interface Position {
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in code points: what editors and compilers show. */
  readonly column: number
}

/** Where the lines begin of the text that was asked about last: diagnostics come file by file, and files can be long. */
let last: { readonly text: string; readonly lines: readonly number[] } = { text: '', lines: [0] }

/** The line and column of an offset in UTF-16 code units. An offset past the end is the place after the last character. */
export function position(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length)
  if (last.text !== text) last = { text, lines: lineStarts(text) }
  const { lines } = last
  let line = 0
  for (let after = lines.length; after - line > 1;) {
    const middle = (line + after) >>> 1
    if (lines[middle]! <= end) line = middle
    else after = middle
  }
  return { line: line + 1, column: codePoints(text.slice(lines[line], end)) + 1 }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
