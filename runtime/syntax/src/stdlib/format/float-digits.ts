/**
 * Decimal digits of floats, rounded exactly: half goes to the even digit, as in Go. JavaScript's own `toFixed` and
 * `toExponential` round half up.
 */
export interface Digits {
  /** Without a point; the first is not 0 unless the value is. */
  readonly digits: string
  /** Of the first digit: 2 for 123. */
  readonly exponent: number
}

/** `value` with `places` digits after the point. Not for negative values. */
export function fixed(value: number, places: number): string {
  const digits = scaled(value, places)
    .toString()
    .padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** `value` with one digit in front of the point and `places` after it. */
export function exponential(value: number, places: number): string {
  const { digits, exponent } = significantDigits(value, places + 1)
  const fraction = places === 0 ? '' : `.${digits.slice(1)}`
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** The fewest digits that give the same float. */
export function shortestDigits(value: number): Digits {
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

/** `value` rounded to `count` digits. */
export function significantDigits(value: number, count: number): Digits {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 }
  let { exponent } = shortestDigits(value)
  for (;;) {
    const digits = scaled(value, count - 1 - exponent).toString()
    // The shortest digits may begin one power off, and rounding may carry into a new digit.
    if (digits.length === count) return { digits, exponent }
    exponent += digits.length > count ? 1 : -1
  }
}

const view = new DataView(new ArrayBuffer(8))

/** `value` times ten to the power of `places`, rounded to an integer. */
function scaled(value: number, places: number): bigint {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n
  const power = (biased === 0 ? 1 : biased) - 1075
  const numerator = mantissa * 10n ** BigInt(Math.max(places, 0)) * 2n ** BigInt(Math.max(power, 0))
  const denominator = 10n ** BigInt(Math.max(-places, 0)) * 2n ** BigInt(Math.max(-power, 0))
  const quotient = numerator / denominator
  const doubledRest = (numerator % denominator) * 2n
  const up = doubledRest > denominator || (doubledRest === denominator && quotient % 2n === 1n)
  return up ? quotient + 1n : quotient
}
