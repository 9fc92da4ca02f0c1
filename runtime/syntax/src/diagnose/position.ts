export interface Position {
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in code points: what editors and compilers show. */
  readonly column: number
}

/** The line and column of an offset in UTF-16 code units. An offset past the end is the place after the last character. */
export function position(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length)
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: codePoints(text.slice(lineStart, end)) + 1 }
}

export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
