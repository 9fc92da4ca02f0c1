import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateText } from '../testing/evaluate-text.ts'
import type { EvaluationError } from './evaluation-error.ts'

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
