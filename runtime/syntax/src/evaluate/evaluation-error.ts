import type { Diagnostic } from '../diagnostic.ts'

/** An expression has no value. The message is the diagnostic's. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly diagnostic: Diagnostic
  /** Whatever the content of the values is that it is made from, their types are enough for it. */
  readonly certain: boolean

  constructor(diagnostic: Diagnostic, certain = false) {
    super(diagnostic.message)
    this.diagnostic = diagnostic
    this.certain = certain
  }
}
