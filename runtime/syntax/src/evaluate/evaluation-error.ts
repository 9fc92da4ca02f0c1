import type { Diagnostic } from '../diagnostic.ts'

/** An expression has no value. The message is the diagnostic's. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly diagnostic: Diagnostic

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message)
    this.diagnostic = diagnostic
  }
}
