import type { Instant } from './go-layout.ts'

/**
 * The usual form of an RFC 3339 time, `2026-11-22T18:20:07.123456Z` or with an offset, digit by digit: many times faster
 * than the general layout. `undefined` for anything unusual, which the general layout then judges.
 */
export function parseRfc3339(text: string): Instant | undefined {
  if (text.length < 20 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(10) !== 84)
    return undefined
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  if (
    !(
      month >= 1 &&
      month <= 12 &&
      day >= 1 &&
      day <= 28 + lateDays(year, month) &&
      hour < 24 &&
      minute < 60 &&
      second < 60
    )
  )
    return undefined
  let at = 19
  let nanos = 0
  if (text.charCodeAt(at) === 46) {
    let scale = 100_000_000
    for (at++; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      nanos += digit * scale
      scale = scale > 1 ? scale / 10 : 0
    }
    if (at === 20) return undefined
  }
  const offset = offsetAt(text, at)
  if (Number.isNaN(offset) || Number.isNaN(year)) return undefined
  return { seconds: daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos }
}

/** Seconds of `Z` or `+hh:mm` at the end of the text; NaN for anything else. */
function offsetAt(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign === 90) return at + 1 === text.length ? 0 : Number.NaN
  if ((sign !== 43 && sign !== 45) || at + 6 !== text.length || text.charCodeAt(at + 3) !== 58) return Number.NaN
  const seconds = digits(text, at + 1, 2) * 3600 + digits(text, at + 4, 2) * 60
  return sign === 45 ? -seconds : seconds
}

/** NaN when one of them is no digit. */
function digits(text: string, start: number, count: number): number {
  let value = 0
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** Days of a month beyond 28. */
function lateDays(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 2 : 3
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0
}

/** Days of the Gregorian calendar from 1970-01-01, with years that begin in March so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
