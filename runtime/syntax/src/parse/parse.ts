import type { SourceFile } from '../ast.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { scan } from '../scan/scan.ts'
import { parseBody } from './parse-body.ts'
import { TokenCursor } from './token-cursor.ts'

/** Mistakes of one file: with more, it is no configuration, and nobody reads on. */
const DIAGNOSTICS_MAX = 1000

export interface Parsed {
  /** With errors among the diagnostics: what could be read. Broken statements are left out. */
  readonly file: SourceFile
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a configuration. It never throws: all mistakes of the file are in `diagnostics`, in the order of the text, of
 * each line only the first, since one mistake makes others after it.
 */
export function parse(name: string, text: string): Parsed {
  const { tokens, comments, diagnostics, cutShort } = scan(name, text)
  const cursor = new TokenCursor(name, text, tokens)
  const body = parseBody(cursor, 'end')
  // The braces of these blocks are in the comment or string that was not closed.
  const found = cursor.diagnostics.filter(({ code }) => !(cutShort && code === 'unclosed-block'))
  return {
    file: { name, text, body, comments },
    diagnostics: firstOfEachLine(text, [...diagnostics, ...found]).slice(0, DIAGNOSTICS_MAX),
  }
}

function firstOfEachLine(text: string, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const start = (diagnostic: Diagnostic) => diagnostic.span?.start ?? 0
  let lineEnd = -1
  return diagnostics
    .toSorted((a, b) => start(a) - start(b))
    .filter((diagnostic) => {
      if (start(diagnostic) <= lineEnd) return false
      const newline = text.indexOf('\n', start(diagnostic))
      lineEnd = newline === -1 ? text.length : newline
      return true
    })
}
