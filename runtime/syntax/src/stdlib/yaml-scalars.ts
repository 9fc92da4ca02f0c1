import type { ScalarTag } from 'yaml'

const int64Min = -(2n ** 63n)
const uint64Max = 2n ** 64n - 1n

/**
 * Plain numbers as Go's YAML library reads them, which differ from YAML 1.2's: underscores are skipped, a leading zero
 * makes an octal number, `0b` a binary one. Integers beyond 64 bits are floats.
 */
export const numberTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(?:0[bBoOxX][0-9a-fA-F_]+|[0-9][0-9_]*|(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?)$/,
  resolve: (text: string) => readNumber(text.replaceAll('_', '')) ?? text,
}

function readNumber(text: string): bigint | number | undefined {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  const octal = /^0[0-7]+$/.test(digits)
  if (octal || /^(?:0|[1-9]\d*|0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+)$/.test(digits)) {
    const integer = BigInt(octal ? `0o${digits}` : digits)
    const value = negative ? -integer : integer
    if (value >= int64Min && value <= uint64Max) return value
  }
  const float = /^[.\d]/.test(digits) && !/^0[bBoOxX]/.test(digits) ? Number(text) : Number.NaN
  return Number.isFinite(float) ? float : undefined
}

/** A date or time in one of YAML's notations: as text in that of RFC 3339, which is what a Go time turns to. */
export const timestampTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{0,9})?(?:Z|[-+]\d{2}:\d{2})?)?$/,
  resolve: (text: string) => rfc3339(text) ?? text,
}

function rfc3339(text: string): string | undefined {
  const match = /^(\d+)-(\d+)-(\d+)(?:([Tt ])(\d+):(\d+):(\d+)(\.\d*)?(Z|[-+].*)?)?$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, separator, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  // Only the notation with a blank has no time zone, and only that with a T has one.
  if (separator !== undefined && (separator === ' ') !== (zone === undefined)) return undefined
  const two = (digits: string | undefined) => digits!.padStart(2, '0')
  const date = `${year}-${two(month)}-${two(day)}`
  const time = `${two(hour)}:${two(minute)}:${two(second)}`
  const exists = new Date(`${date}T${time}Z`)
  if (Number.isNaN(exists.getTime()) || exists.getUTCDate() !== Number(day)) return undefined
  return `${date}T${time}${fraction.replace(/\.?0*$/, '')}${zone === undefined || zone === '+00:00' ? 'Z' : zone}`
}
