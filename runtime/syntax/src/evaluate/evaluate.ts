import type { Expression, Span } from '../ast.ts'
import type { Code } from '../codes.ts'
import { diagnose } from '../diagnose/diagnose.ts'
import { nearest } from '../diagnose/nearest.ts'
import { fieldsOf } from '../convert/convert.ts'
import { FunctionValue, type ObjectValue, type Value } from '../value.ts'
import { asArray, describeType, typeName } from '../value/type-name.ts'
import { CallError } from './call-error.ts'
import { EvaluationError } from './evaluation-error.ts'
import { type Calls, ModuleFunction } from './module-function.ts'
import { negate } from './numbers.ts'
import { binaryOperation, OperatorError } from './operators.ts'
import { chainOf, type Reference } from './references.ts'
import type { Scope } from './scope.ts'

/**
 * The value of an expression. Every part is evaluated, on both sides of `&&` and `||` too.
 * @param file the name of the file that the expression is from, for diagnostics
 * @param calls is told of calls without an answer
 * @throws {@link EvaluationError} with one diagnostic
 */
export function evaluate(
  expression: Expression,
  scope: Scope,
  file: string,
  calls: Calls = { known: true, unanswered: 0 },
): Value {
  return new Evaluation(scope, file, calls).value(expression)
}

class Evaluation {
  readonly #scope: Scope
  readonly #file: string
  readonly #calls: Calls

  constructor(scope: Scope, file: string, calls: Calls) {
    this.#scope = scope
    this.#file = file
    this.#calls = calls
  }

  value(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'paren':
        return this.value(expression.inner)
      case 'array':
        return expression.elements.map((element) => this.value(element))
      case 'object':
        return this.#object(expression)
      case 'identifier':
      case 'access':
        return this.#access(expression)
      case 'index':
        return this.#index(expression)
      case 'call':
        return this.#call(expression)
      case 'unary':
        return this.#unary(expression)
      case 'binary':
        return this.#binary(expression)
    }
  }

  #object(expression: Expression & { kind: 'object' }): ObjectValue {
    const object = Object.create(null) as Record<string, Value>
    for (const field of expression.fields) object[field.name] = this.value(field.value)
    return object
  }

  #access(expression: Expression & { kind: 'identifier' | 'access' }): Value {
    const chain = chainOf(expression)
    if (chain) return this.#chain(chain)
    if (expression.kind === 'identifier') throw new Error('an identifier is always a chain')
    return this.#field(
      this.value(expression.object),
      expression.object.span,
      expression.name.text,
      expression.name.span,
    )
  }

  #chain(chain: Reference): Value {
    const resolved = this.#scope.resolve?.(chain) ?? this.#lookup(chain)
    let { value } = resolved
    for (let at = resolved.used; at < chain.names.length; at++) {
      const before = { start: chain.span.start, end: chain.spans[at - 1]!.end }
      value = this.#field(value, before, chain.names[at]!, chain.spans[at]!)
    }
    return value
  }

  #lookup(chain: Reference): { value: Value; used: number } {
    const value = this.#scope.lookup(chain.names[0]!)
    if (value !== undefined) return { value, used: 1 }
    const name = chain.names.join('.')
    this.#fail('missing-reference', chain.span, `Cannot resolve "${name}": it does not exist or is out of scope`, {
      nearest: nearest(name, this.#scope.suggest?.() ?? []),
    })
  }

  #field(value: Value, valueSpan: Span, name: string, nameSpan: Span): Value {
    const object = fieldsOf(value)
    if (object === undefined) {
      this.#fail('wrong-type', valueSpan, `Cannot read field "${name}": found ${describeType(value)}, want object`)
    }
    if (!Object.hasOwn(object, name)) {
      this.#fail('missing-field', nameSpan, `Cannot read field "${name}": the object has no such field`, {
        nearest: nearest(name, Object.keys(object)),
      })
    }
    return object[name]!
  }

  #index(expression: Expression & { kind: 'index' }): Value {
    const value = this.value(expression.object)
    const index = this.value(expression.index)
    const { span } = expression.index
    const array = asArray(value)
    if (array) return this.#element(array, index, span)
    const object = fieldsOf(value)
    if (object === undefined) {
      const found = describeType(value)
      this.#fail('wrong-type', expression.object.span, `Cannot index value: found ${found}, want array or object`)
    }
    if (typeof index !== 'string') {
      this.#fail('wrong-type', span, `Cannot index object: found ${describeType(index)}, want string`)
    }
    return Object.hasOwn(object, index) ? object[index]! : null
  }

  /** A fractional index is cut down to an integer. */
  #element(array: readonly Value[], index: Value, span: Span): Value {
    if (typeof index !== 'bigint' && typeof index !== 'number') {
      this.#fail('wrong-type', span, `Cannot index array: found ${describeType(index)}, want number`)
    }
    const at = Math.trunc(Number(index))
    if (!(at >= 0 && at < array.length)) {
      const wanted = array.length === 0 ? 'an array that is not empty' : `0 to ${array.length - 1}`
      this.#fail('index-out-of-range', span, `Cannot index array: found ${index}, want ${wanted}`)
    }
    return array[at]!
  }

  #call(expression: Expression & { kind: 'call' }): Value {
    const callee = this.value(expression.callee)
    if (!(callee instanceof FunctionValue)) {
      const message = `Cannot call value: found ${describeType(callee)}, want function`
      this.#fail('not-a-function', expression.callee.span, message)
    }
    const { unanswered } = this.#calls
    const args = expression.args.map((arg) => this.value(arg))
    try {
      if (!(callee instanceof ModuleFunction)) return callee.call(args)
      const { value, known } = callee.answer(args, this.#calls.known && this.#calls.unanswered === unanswered)
      if (!known) this.#calls.unanswered++
      return value
    } catch (error) {
      if (error instanceof EvaluationError) throw error
      const code = error instanceof CallError ? error.code : 'function-failed'
      const arg =
        error instanceof CallError && error.argument !== undefined ? expression.args[error.argument] : undefined
      const reason = error instanceof Error ? error.message : String(error)
      const place = { file: this.#file, span: (arg ?? expression).span }
      const values = error instanceof CallError ? error.values : {}
      const diagnostic = diagnose(code, place, `Cannot call ${callee.name}: ${reason}`, values)
      throw new EvaluationError(diagnostic, error instanceof CallError && error.certain)
    }
  }

  #unary(expression: Expression & { kind: 'unary' }): Value {
    const value = this.value(expression.operand)
    if (expression.operator === '!' && typeof value === 'boolean') return !value
    if (expression.operator === '-' && (typeof value === 'bigint' || typeof value === 'number')) return negate(value)
    const wanted = expression.operator === '!' ? 'bool' : 'number'
    const message = `Cannot apply "${expression.operator}": found ${describeType(value)}, want ${wanted}`
    this.#fail('invalid-operand', expression.operand.span, message)
  }

  #binary(expression: Expression & { kind: 'binary' }): Value {
    const left = this.value(expression.left)
    const right = this.value(expression.right)
    try {
      return binaryOperation(expression.operator, left, right)
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error
      const text = typeName(left) === 'string' || typeName(right) === 'string'
      this.#fail(
        error.code,
        expression[error.operand].span,
        `Cannot apply "${expression.operator}": ${error.message}`,
        {
          advice: text && expression.operator === '+' ? 'string.format() puts values of any type into text' : undefined,
        },
      )
    }
  }

  #fail(code: Code, span: Span, message: string, values: Readonly<Record<string, string | undefined>> = {}): never {
    throw new EvaluationError(diagnose(code, { file: this.#file, span }, message, values))
  }
}
