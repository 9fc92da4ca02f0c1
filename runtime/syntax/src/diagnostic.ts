import type { Span } from './ast.ts'

/** A mistake of the user, at its place, with a way out. */
export interface Diagnostic {
  /** From the table in codes.ts. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** Action that failed, then the state found and the state wanted; no final full stop. */
  readonly message: string
  readonly file: string
  /** Absent where there is no text to point at (a file that cannot be read). */
  readonly span?: Span
  readonly hint?: string
  readonly related?: readonly { readonly message: string; readonly file: string; readonly span: Span }[]
}
