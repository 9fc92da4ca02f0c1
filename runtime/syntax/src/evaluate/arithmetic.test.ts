import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateText } from '../testing/evaluate-text.ts'
import { EvaluationError } from './evaluation-error.ts'

/** A random calculation: its text, and its value by a direct model. `undefined` is a division by zero. */
interface Calculation {
  readonly text: string
  readonly value: Int64 | Float64 | undefined
}
type Int64 = bigint
type Float64 = number

const int = fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }))
const float = fc.double({ min: 0, max: 1e6, noNaN: true })
const leaf: fc.Arbitrary<Calculation> = fc.oneof(
  int.map((value) => ({ text: String(value), value })),
  float.map((value) => ({ text: value.toExponential(), value })),
)

/** 64-bit arithmetic done by a typed array, so that the model shares nothing with what it checks. */
function wrapped(value: bigint): bigint {
  const cell = new BigInt64Array(1)
  cell[0] = value
  return cell[0]
}

const integerModel: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => wrapped(a + b),
  '-': (a, b) => wrapped(a - b),
  '*': (a, b) => wrapped(a * b),
  '/': (a, b) => wrapped(a / b),
  '%': (a, b) => wrapped(a % b),
}
const floatModel: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

function combine(left: Calculation, operator: string, right: Calculation): Calculation {
  const text = `(${left.text} ${operator} ${right.text})`
  const a = left.value
  const b = right.value
  if (a === undefined || b === undefined) return { text, value: undefined }
  if ((operator === '/' || operator === '%') && Number(b) === 0) return { text, value: undefined }
  if (typeof a === 'bigint' && typeof b === 'bigint') return { text, value: integerModel[operator]!(a, b) }
  return { text, value: floatModel[operator]!(Number(a), Number(b)) }
}

function negated({ text, value }: Calculation): Calculation {
  return { text: `-${text}`, value: typeof value === 'bigint' ? wrapped(-value) : value === undefined ? value : -value }
}

const calculation = fc.letrec<{ any: Calculation }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.tuple(tie('any'), fc.constantFrom('+', '-', '*', '/', '%'), tie('any')).map((parts) => combine(...parts)),
    tie('any').map(negated),
  ),
})).any

test('evaluate() agrees with a direct model of 64-bit arithmetic', () => {
  fc.assert(
    fc.property(calculation, ({ text, value }) => {
      if (value === undefined) expect(() => evaluateText(text)).toThrow(EvaluationError)
      else expect(evaluateText(text)).toBe(value)
    }),
    { numRuns: 1000 },
  )
})

test('integer powers agree with repeated multiplication', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -50n, max: 50n }), fc.integer({ min: 0, max: 90 }), (base, exponent) => {
      let value = 1n
      for (let i = 0; i < exponent; i++) value = wrapped(value * base)
      expect(evaluateText(`(${base}) ^ ${exponent}`)).toBe(value)
    }),
  )
})

test('operators bind as their precedence says', () => {
  const levels = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], ['^']]
  const levelOf = (operator: string) => levels.findIndex((level) => level.includes(operator))
  const operator = fc.constantFrom(...levels.flat())
  fc.assert(
    fc.property(operator, operator, (first, second) => {
      const leftFirst = levelOf(first) > levelOf(second) || (levelOf(first) === levelOf(second) && first !== '^')
      const grouped = leftFirst ? `(x ${first} y) ${second} z` : `x ${first} (y ${second} z)`
      const names = { x: 7n, y: 2n, z: 3n }
      const outcome = (text: string) => {
        try {
          return evaluateText(text, names)
        } catch (error) {
          return (error as EvaluationError).diagnostic.code
        }
      }
      expect(outcome(`x ${first} y ${second} z`)).toEqual(outcome(grouped))
    }),
  )
})
