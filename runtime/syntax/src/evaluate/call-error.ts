/** A function cannot be called like this. The message is the reason alone: the evaluator adds the name of the function. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: 'wrong-argument-count' | 'invalid-argument' | 'function-failed'
  /** The argument to blame, counted from 0. */
  readonly argument: number | undefined
  readonly advice: string | undefined

  constructor(
    code: 'wrong-argument-count' | 'invalid-argument' | 'function-failed',
    reason: string,
    options: { readonly argument?: number; readonly advice?: string } = {},
  ) {
    super(reason)
    this.code = code
    this.argument = options.argument
    this.advice = options.advice
  }
}
