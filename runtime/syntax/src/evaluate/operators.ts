import type { BinaryOperator } from '../ast.ts'
import { Capsule, type Value } from '../value.ts'
import { languageEqual } from '../value/equal.ts'
import { isSecret, makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import { describeType, typeName } from '../value/type-name.ts'
import { arithmetic, type ArithmeticOperator, compare } from './numbers.ts'

/** Why an operator has no result, and which operand is to blame. */
export class OperatorError extends Error {
  readonly code: 'invalid-operand' | 'division-by-zero'
  readonly operand: 'left' | 'right'

  constructor(code: 'invalid-operand' | 'division-by-zero', operand: 'left' | 'right', message: string) {
    super(message)
    this.code = code
    this.operand = operand
  }
}

const wanted: Readonly<Record<Exclude<BinaryOperator, '==' | '!='>, readonly string[]>> = {
  '||': ['bool'],
  '&&': ['bool'],
  '<': ['number', 'string'],
  '<=': ['number', 'string'],
  '>': ['number', 'string'],
  '>=': ['number', 'string'],
  '+': ['number', 'string', 'secret'],
  '-': ['number'],
  '*': ['number'],
  '/': ['number'],
  '%': ['number'],
  '^': ['number'],
}

/** @throws {@link OperatorError} */
export function binaryOperation(operator: BinaryOperator, leftValue: Value, rightValue: Value): Value {
  const [left, right] = alignSecrets(leftValue, rightValue)
  if (operator === '==') return languageEqual(left, right)
  if (operator === '!=') return !languageEqual(left, right)
  checkOperand(operator, 'left', left)
  checkOperand(operator, 'right', right)
  if (typeName(left) !== typeName(right)) {
    const found = `${describeType(left)} and ${describeType(right)}`
    throw new OperatorError('invalid-operand', 'right', `found ${found}, want two values of one type`)
  }
  if (typeof left === 'boolean') return operator === '||' ? left || (right as boolean) : left && (right as boolean)
  if (left instanceof Capsule) return joinSecrets(left, right)
  if (typeof left === 'string') return textOperation(operator, left, right as string)
  return numberOperation(operator, left as bigint | number, right as bigint | number)
}

function checkOperand(operator: Exclude<BinaryOperator, '==' | '!='>, side: 'left' | 'right', value: Value): void {
  const type = openSecret(value) ? 'secret' : typeName(value)
  if (wanted[operator].includes(type)) return
  const message = `found ${describeType(value)} on the ${side}, want ${wanted[operator].join(' or ')}`
  throw new OperatorError('invalid-operand', side, message)
}

function textOperation(operator: BinaryOperator, left: string, right: string): Value {
  return operator === '+' ? left + right : ordering(operator, compareText(left, right))
}

function numberOperation(operator: BinaryOperator, left: bigint | number, right: bigint | number): Value {
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
    return ordering(operator, compare(left, right))
  }
  if ((operator === '/' || operator === '%') && (right === 0n || right === 0)) {
    throw new OperatorError('division-by-zero', 'right', 'the divisor is 0')
  }
  return arithmetic(operator as ArithmeticOperator, left, right)
}

/** `NaN` is not ordered: every comparison with it is false. */
function ordering(operator: BinaryOperator, order: number): boolean {
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

/** The order of the UTF-8 bytes, which is the order of the code points and not that of UTF-16 code units. */
function compareText(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  if (at === a.length || at === b.length) return a.length - b.length
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
}

/** Surrogates stand for code points above all that fit one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}

/** Makes a string and a secret, or two sorts of secret, comparable: what is more secret wins. */
function alignSecrets(left: Value, right: Value): [Value, Value] {
  const kinds = [left, right].map((value) => (typeof value === 'string' ? 'string' : openSecret(value)?.kind))
  if (kinds.includes(undefined) || kinds[0] === kinds[1]) return [left, right]
  const make = kinds.includes('secret') ? makeSecret : isSecret(left) || isSecret(right) ? markedSecret : plainText
  return [make(textOf(left)), make(textOf(right))]
}

const markedSecret = (text: string): Value => makeOptionalSecret(text, true)
const plainText = (text: string): Value => text

function textOf(value: Value): string {
  return typeof value === 'string' ? value : openSecret(value)!.text
}

function joinSecrets(left: Value, right: Value): Value {
  const a = openSecret(left)!
  const text = a.text + textOf(right)
  return a.kind === 'secret' ? makeSecret(text) : makeOptionalSecret(text, isSecret(left) || isSecret(right))
}
