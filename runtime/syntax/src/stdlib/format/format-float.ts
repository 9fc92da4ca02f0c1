import { exponential, fixed, shortestDigits, significantDigits } from './float-digits.ts'
import { type Directive, pad, without } from './directive.ts'

const DEFAULT_PRECISION = 6

/** `undefined` when the verb is not one for floats. */
export function formatFloat(value: number, directive: Directive): string | undefined {
  const { verb, flags } = directive
  if (!/^[vgGeEfF]$/.test(verb)) return undefined
  const sign = value < 0 || Object.is(value, -0) ? '-' : flags.has('+') ? '+' : flags.has(' ') ? ' ' : ''
  if (!Number.isFinite(value)) return notFinite(value, sign, directive)
  const body = digits(Math.abs(value), directive)
  const zeros = flags.has('0') && !flags.has('-') ? directive.width - sign.length : 0
  return pad(sign + body.padStart(zeros, '0'), { ...directive, flags: without(flags, '0') })
}

function digits(value: number, { verb, precision }: Directive): string {
  switch (verb) {
    case 'f':
    case 'F':
      return fixed(value, precision ?? DEFAULT_PRECISION)
    case 'e':
    case 'E':
      return upper(exponential(value, precision ?? DEFAULT_PRECISION), verb)
    default:
      return upper(general(value, precision), verb)
  }
}

/** Without a precision the fewest digits that give the same float; large and small numbers with an exponent. */
function general(value: number, precision: number | undefined): string {
  if (value === 0) return '0'
  const wanted = precision === undefined ? undefined : Math.max(precision, 1)
  const shown = wanted === undefined ? shortestDigits(value) : significantDigits(value, wanted)
  const text = shown.digits.replace(/0+$/, '')
  // As in Go: six digits decide where there is no precision, and no more than there are where the number is whole.
  const limit =
    wanted === undefined
      ? DEFAULT_PRECISION
      : wanted > text.length && text.length >= shown.exponent + 1
        ? text.length
        : wanted
  if (shown.exponent < -4 || shown.exponent >= limit) return withExponent(text, shown.exponent)
  return withPoint(text, shown.exponent)
}

function withExponent(text: string, exponent: number): string {
  const fraction = text.length > 1 ? `.${text.slice(1)}` : ''
  return `${text[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function withPoint(text: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${text}`
  const whole = text.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return text.length > exponent + 1 ? `${whole}.${text.slice(exponent + 1)}` : whole
}

function upper(text: string, verb: string): string {
  return verb === 'E' || verb === 'G' ? text.toUpperCase() : text
}

/** Infinity always shows its sign; zeros in front would make no sense. */
function notFinite(value: number, sign: string, directive: Directive): string {
  const plain = { ...directive, flags: without(directive.flags, '0') }
  if (Number.isNaN(value)) return pad(`${sign === '-' ? '' : sign}NaN`, plain)
  return pad(`${sign === '' ? '+' : sign}Inf`, plain)
}
