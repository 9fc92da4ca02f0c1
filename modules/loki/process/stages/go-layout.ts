import { parseRfc3339 } from './rfc3339.ts'
import { zoneOffsetSeconds } from './time-zone.ts'

/** An instant: whole seconds since the epoch, and nanoseconds. */
export interface Instant {
  readonly seconds: number
  readonly nanos: number
}

/** Layouts that go by a name. */
const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
}
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

interface Parts {
  year: number | undefined
  month: number
  day: number
  yearDay: number
  hour: number
  pm: boolean | undefined
  minute: number
  second: number
  nanos: number
  /** Seconds east of UTC, when the text says. */
  offset: number | undefined
}

interface Cursor {
  readonly text: string
  at: number
}
/** Reads one element of a layout; false when the text does not fit. */
type Read = (cursor: Cursor, parts: Parts) => boolean

/** Time in a format of Go: a named one, `Unix`, `UnixMs`, `UnixUs`, `UnixNs`, or a layout made of the reference time `Mon Jan 2 15:04:05 MST 2006`. */
export type ParseTime = (text: string, nowMs: number) => Instant | undefined

/** @param location IANA name of the time zone of texts that name none; empty is UTC. @throws when the zone is unknown. */
export function compileTimeFormat(format: string, location: string): ParseTime {
  const digits = { Unix: 0, UnixMs: 3, UnixUs: 6, UnixNs: 9 }[format]
  if (digits !== undefined) return (text) => parseUnix(text, digits)
  if (location !== '') zoneOffsetSeconds(location, 0)
  const layout = namedLayouts[format] ?? format
  const reads = compileLayout(layout)
  const isRfc3339 = layout === namedLayouts['RFC3339'] || layout === namedLayouts['RFC3339Nano']
  return (text, nowMs) => {
    const plain = isRfc3339 ? parseRfc3339(text) : undefined
    if (plain) return plain
    const cursor = { text, at: 0 }
    const parts: Parts = {
      year: undefined,
      month: 1,
      day: 1,
      yearDay: 0,
      hour: 0,
      pm: undefined,
      minute: 0,
      second: 0,
      nanos: 0,
      offset: undefined,
    }
    for (const read of reads) if (!read(cursor, parts)) return undefined
    return cursor.at === text.length ? toInstant(parts, location, nowMs) : undefined
  }
}

/** A count since the epoch, as a whole number or with a fraction, in units of 10^−`digits` seconds. */
function parseUnix(text: string, digits: number): Instant | undefined {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (!match) return undefined
  const whole = match[2]!.padStart(digits + 1, '0')
  const fraction = (whole.slice(whole.length - digits, whole.length) + (match[3] ?? '')).padEnd(9, '0').slice(0, 9)
  const seconds = Number(digits === 0 ? whole : whole.slice(0, -digits))
  const nanos = Number(digits === 0 ? (match[3] ?? '').padEnd(9, '0').slice(0, 9) : fraction)
  if (!Number.isSafeInteger(seconds)) return undefined
  if (match[1] === '') return { seconds, nanos }
  return nanos === 0 ? { seconds: seconds === 0 ? 0 : -seconds, nanos } : { seconds: -seconds - 1, nanos: 1e9 - nanos }
}

function toInstant(parts: Parts, location: string, nowMs: number): Instant | undefined {
  const { month, minute, second, nanos, pm } = parts
  // A layout without a year means the present one.
  const year = parts.year ?? new Date(nowMs).getUTCFullYear()
  let { hour, day } = parts
  let monthIndex = month - 1
  if (parts.yearDay > 0) {
    monthIndex = 0
    day = parts.yearDay
  } else if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (pm !== undefined) {
    if (hour > 12) return undefined
    hour = (hour % 12) + (pm ? 12 : 0)
  }
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, monthIndex, day)
  const local = date.getTime() / 1000 + hour * 3600 + minute * 60 + second
  const offset = parts.offset ?? (location === '' ? 0 : zoneOffsetSeconds(location, local))
  return { seconds: local - offset, nanos }
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** Elements of a layout, longer ones before those that they begin with. */
const elements: readonly (readonly [string, Read])[] = [
  ['January', nameOf(months, 'month')],
  [
    'Jan',
    nameOf(
      months.map((name) => name.slice(0, 3)),
      'month',
    ),
  ],
  ['Monday', nameOf(days, undefined)],
  [
    'Mon',
    nameOf(
      days.map((name) => name.slice(0, 3)),
      undefined,
    ),
  ],
  ['MST', readAbbreviation],
  ['2006', number(4, 4, (parts, value) => (parts.year = value))],
  ['__2', spaced(3, (parts, value) => (parts.yearDay = value))],
  [
    '_2006',
    literalThen(
      '_',
      number(4, 4, (parts, value) => (parts.year = value)),
    ),
  ],
  ['_2', spaced(2, (parts, value) => (parts.day = value))],
  ['002', number(3, 3, (parts, value) => (parts.yearDay = value))],
  ['01', number(2, 2, (parts, value) => (parts.month = value))],
  ['02', number(2, 2, (parts, value) => (parts.day = value))],
  ['03', number(2, 2, (parts, value) => (parts.hour = value))],
  ['04', number(2, 2, (parts, value) => (parts.minute = value))],
  ['05', number(2, 2, (parts, value) => (parts.second = value))],
  ['06', number(2, 2, (parts, value) => (parts.year = value >= 69 ? 1900 + value : 2000 + value))],
  ['15', number(2, 2, (parts, value) => (parts.hour = value))],
  ['1', number(1, 2, (parts, value) => (parts.month = value))],
  ['2', number(1, 2, (parts, value) => (parts.day = value))],
  ['3', number(1, 2, (parts, value) => (parts.hour = value))],
  ['4', number(1, 2, (parts, value) => (parts.minute = value))],
  ['5', number(1, 2, (parts, value) => (parts.second = value))],
  ['PM', readHalf],
  ['pm', readHalf],
  ...(['Z', '-'] as const).flatMap((lead) =>
    ['07:00:00', '070000', '07:00', '0700', '07'].map(
      (shape) => [`${lead}${shape}`, readOffset(shape, lead === 'Z')] as const,
    ),
  ),
]

function compileLayout(layout: string): Read[] {
  const reads: Read[] = []
  for (let at = 0; at < layout.length;) {
    const fraction = /^[.,](?:0+|9+)(?!\d)/.exec(layout.slice(at))
    if (fraction) {
      reads.push(readFraction(fraction[0].length - 1, fraction[0][1] === '9'))
      at += fraction[0].length
      continue
    }
    const element = elements.find(([text]) => layout.startsWith(text, at) && isElement(layout, at, text))
    if (!element) {
      reads.push(literal(layout[at]!))
      at++
      continue
    }
    at += element[0].length
    reads.push(element[1])
    // Seconds may carry a fraction that the layout does not mention.
    if (/^0?5$/.test(element[0]) && !/^[.,][09]/.test(layout.slice(at))) reads.push(readFraction(0, true))
  }
  return reads
}

/** Go takes `Jan` and `Mon` as elements only where no lower-case letter follows. */
function isElement(layout: string, at: number, text: string): boolean {
  return !(text === 'Jan' || text === 'Mon') || !/[a-z]/.test(layout.charAt(at + 3))
}

function literal(char: string): Read {
  return (cursor) => {
    if (char === ' ') {
      // As in Go, a space of the layout takes any number of spaces.
      while (cursor.text[cursor.at] === ' ') cursor.at++
      return true
    }
    return cursor.text[cursor.at++] === char
  }
}

function literalThen(char: string, read: Read): Read {
  return (cursor, parts) => cursor.text[cursor.at++] === char && read(cursor, parts)
}

function number(digitsMin: number, digitsMax: number, set: (parts: Parts, value: number) => void): Read {
  return (cursor, parts) => {
    const { text, at } = cursor
    let end = at
    while (end < at + digitsMax && isDigit(text.charCodeAt(end))) end++
    if (end - at < digitsMin) return false
    set(parts, Number(text.slice(at, end)))
    cursor.at = end
    return true
  }
}

function spaced(width: number, set: (parts: Parts, value: number) => void): Read {
  const read = number(1, width, set)
  return (cursor, parts) => {
    while (cursor.text[cursor.at] === ' ') cursor.at++
    return read(cursor, parts)
  }
}

function nameOf(names: readonly string[], part: 'month' | undefined): Read {
  return (cursor, parts) => {
    const { text, at } = cursor
    const index = names.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name)
    if (index < 0) return false
    if (part) parts.month = index + 1
    cursor.at = at + names[index]!.length
    return true
  }
}

function readHalf(cursor: Cursor, parts: Parts): boolean {
  const half = cursor.text.slice(cursor.at, cursor.at + 2).toUpperCase()
  if (half !== 'AM' && half !== 'PM') return false
  parts.pm = half === 'PM'
  cursor.at += 2
  return true
}

function readFraction(digits: number, optional: boolean): Read {
  return (cursor, parts) => {
    const match = /^[.,](\d+)/.exec(cursor.text.slice(cursor.at, cursor.at + 20))
    if (!match) return optional
    if (!optional && match[1]!.length !== digits) return false
    parts.nanos = Number(match[1]!.slice(0, 9).padEnd(9, '0'))
    cursor.at += match[0].length
    return true
  }
}

function readOffset(shape: string, zuluAllowed: boolean): Read {
  const pattern = new RegExp(
    `^([+-])${shape
      .replace('07', '(\\d\\d)')
      .replace(/(:?)00/, '$1(\\d\\d)')
      .replace(/(:?)00/, '$1(\\d\\d)')}`,
  )
  return (cursor, parts) => {
    const rest = cursor.text.slice(cursor.at, cursor.at + 10)
    if (zuluAllowed && rest.startsWith('Z')) {
      parts.offset = 0
      cursor.at++
      return true
    }
    const match = pattern.exec(rest)
    if (!match) return false
    const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
    parts.offset = match[1] === '-' ? -seconds : seconds
    cursor.at += match[0].length
    return true
  }
}

/** An abbreviation says no offset by itself: UTC and GMT do, others leave it to the configured location. */
function readAbbreviation(cursor: Cursor, parts: Parts): boolean {
  const match = /^(?:GMT([+-]\d{1,2})?|[A-Z]{3,5}|[+-]\d\d)/.exec(cursor.text.slice(cursor.at, cursor.at + 6))
  if (!match) return false
  if (match[0] === 'UTC' || match[0] === 'GMT') parts.offset = 0
  else if (match[1] !== undefined) parts.offset = Number(match[1]) * 3600
  cursor.at += match[0].length
  return true
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
