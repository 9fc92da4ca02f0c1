import { nearest } from '@ingot/syntax'
import type { Shape } from '../schema.ts'
import { fitsPattern } from './fits-pattern.ts'
import type { Decoding, ValuePlace } from './decoding.ts'

/** Longer texts are not shown in messages. */
const SHOWN_MAX = 60

/** The limits that a schema sets on a text, a number or a bool of the right type. */
export function checkBounds(decoding: Decoding, shape: Shape, value: unknown, at: ValuePlace): void {
  if (shape.choices && !shape.choices.includes(value)) {
    const wanted = shape.choices.map(shown)
    const want = wanted.length === 1 ? wanted[0]! : `one of ${wanted.join(', ')}`
    const texts = shape.choices.filter((choice) => typeof choice === 'string')
    const near = typeof value === 'string' ? nearest(value, texts) : undefined
    const advice = near === undefined ? undefined : `did you mean "${near}"?`
    decoding.refuse('invalid-value', at, `found ${shown(value)}, want ${want}`, advice)
    return
  }
  const want =
    typeof value === 'number'
      ? numberBound(shape, value)
      : typeof value === 'string'
        ? textBound(shape, value)
        : undefined
  if (want !== undefined) decoding.refuse('invalid-value', at, `found ${shown(value)}, want ${want}`)
}

function numberBound({ raw }: Shape, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = raw as Readonly<
    Record<string, number | undefined>
  >
  if (minimum !== undefined && value < minimum) return `at least ${minimum}`
  if (maximum !== undefined && value > maximum) return `at most ${maximum}`
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `more than ${exclusiveMinimum}`
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `less than ${exclusiveMaximum}`
  if (multipleOf !== undefined && value % multipleOf !== 0) return `a multiple of ${multipleOf}`
  return undefined
}

function textBound({ raw }: Shape, value: string): string | undefined {
  const { minLength, maxLength } = raw as Readonly<Record<string, number | undefined>>
  if (minLength === 1 && value === '') return 'text that is not empty'
  if (minLength !== undefined && value.length < minLength) return `at least ${minLength} characters`
  if (maxLength !== undefined && value.length > maxLength) return `at most ${maxLength} characters`
  if (typeof raw['pattern'] === 'string' && !fitsPattern(raw['pattern'], value))
    return `text that fits ${raw['pattern']}`
  return undefined
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return `"${value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value}"`
}
