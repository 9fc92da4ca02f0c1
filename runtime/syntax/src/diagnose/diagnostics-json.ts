import type { Span } from '../ast.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { position } from './position.ts'

/** One diagnostic, for tools. Lines and columns are counted from 1, columns in code points. */
export interface DiagnosticJson {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint?: string
  readonly file: string
  readonly range?: RangeJson
  readonly related?: readonly { readonly message: string; readonly file: string; readonly range?: RangeJson }[]
}
export interface RangeJson {
  readonly start: PositionJson
  /** The place after the last character. */
  readonly end: PositionJson
}
export interface PositionJson {
  readonly line: number
  readonly column: number
}

/** @param sources the texts of the files; without its text, a diagnostic has no range */
export function diagnosticsToJson(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): { readonly diagnostics: readonly DiagnosticJson[] } {
  return {
    diagnostics: diagnostics.map(({ code, severity, message, hint, file, span, related }) => ({
      code,
      severity,
      message,
      ...(hint !== undefined && { hint }),
      file,
      ...rangeOf(file, span, sources),
      ...(related && {
        related: related.map((each) => ({
          message: each.message,
          file: each.file,
          ...rangeOf(each.file, each.span, sources),
        })),
      }),
    })),
  }
}

export function rangeOf(
  file: string,
  span: Span | undefined,
  sources: ReadonlyMap<string, string>,
): { readonly range?: RangeJson } {
  const text = sources.get(file)
  if (span === undefined || text === undefined) return {}
  return { range: { start: position(text, span.start), end: position(text, span.end) } }
}
