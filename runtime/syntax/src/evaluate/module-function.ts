import { FunctionValue, type Value } from '../value.ts'

/** What is known of the result of a call. */
export interface Answer {
  /** While it is not known: the empty value of its type. */
  readonly value: Value
  readonly known: boolean
}

/** A function of a module: its code runs elsewhere, so that what it says of some arguments may have to be asked for first. */
export class ModuleFunction extends FunctionValue {
  /**
   * @param known false while the arguments are not all what they will be: nobody is to be asked about them
   * @throws CallError when it cannot be called like this, or has failed
   */
  readonly answer: (args: readonly Value[], known: boolean) => Answer

  constructor(name: string, answer: ModuleFunction['answer']) {
    super(name, (args) => answer(args, true).value)
    this.answer = answer
  }
}

/** What an evaluation is told, and tells, of calls whose answers may have to be asked for. */
export interface Calls {
  /** Whether the names in the expression stand for what they will stand for. */
  readonly known: boolean
  /** Calls whose answers are not known; the expression's value is only right in its type then. */
  unanswered: number
}
