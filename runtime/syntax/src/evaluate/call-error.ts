import type { Code } from '../codes.ts'

/** A function cannot be called like this. The message is the reason alone: the evaluator adds the name of the function. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: Code
  /** The argument to blame, counted from 0. */
  readonly argument: number | undefined
  /** For the hint of the code. */
  readonly values: Readonly<Record<string, string | undefined>>
  /** It would fail as well with all other values of the types that the arguments have. */
  readonly certain: boolean

  constructor(
    code: Code,
    reason: string,
    options: {
      readonly argument?: number | undefined
      readonly advice?: string | undefined
      readonly values?: Readonly<Record<string, string>>
      readonly certain?: boolean
    } = {},
  ) {
    super(reason)
    this.code = code
    this.argument = options.argument
    this.values = { advice: options.advice, ...options.values }
    this.certain = options.certain ?? false
  }
}
