import type { SourceFile } from '../ast.ts'
import { position } from '../diagnose/position.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { scan } from '../scan/scan.ts'
import { parseBody } from './parse-body.ts'
import { TokenCursor } from './token-cursor.ts'

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
  const { tokens, comments, diagnostics } = scan(name, text)
  const cursor = new TokenCursor(name, text, tokens)
  const body = parseBody(cursor, 'end')
  return {
    file: { name, text, body, comments },
    diagnostics: firstOfEachLine(text, [...diagnostics, ...cursor.diagnostics]),
  }
}

function firstOfEachLine(text: string, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const ordered = diagnostics.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
  let lastLine = 0
  return ordered.filter((diagnostic) => {
    const { line } = position(text, diagnostic.span?.start ?? 0)
    const first = line !== lastLine
    lastLine = line
    return first
  })
}
