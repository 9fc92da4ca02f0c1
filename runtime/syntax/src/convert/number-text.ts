import { plainDecimal } from './plain-decimal.ts'

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n
const uint64Max = 2n ** 64n - 1n

/** A number as the language turns it to a string: decimal, never with an exponent. */
export function numberToText(value: bigint | number): string {
  return typeof value === 'bigint' ? value.toString() : plainDecimal(value)
}

/**
 * The number that a string stands for: after a minus sign a signed integer, with a point or an exponent a float, else an
 * unsigned integer. `undefined` for everything else, `"-1.5"` included.
 */
export function textToNumber(text: string): bigint | number | undefined {
  if (/^-\d+$/.test(text)) return within(BigInt(text), int64Min, int64Max)
  if (/^\d+$/.test(text)) return within(BigInt(text), 0n, uint64Max)
  if (!/^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) || !/[.eE]/.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

function within(value: bigint, least: bigint, most: bigint): bigint | undefined {
  return value >= least && value <= most ? value : undefined
}
