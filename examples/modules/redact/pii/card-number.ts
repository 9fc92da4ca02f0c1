import { isDigit, isWord } from './characters.ts'
import type { OnFound } from './masker.ts'

/** Lengths of card numbers (ISO/IEC 7812). */
const digitsMin = 13
const digitsMax = 19
/** Groups that are written apart: 4-4-4-4, 4-6-5, 4-4-4-4-3. Smaller ones are parts of dates. */
const groupDigitsMin = 3
const groupsMax = 6
const space = 0x20
const dash = 0x2d

// Where the groups of the run at hand begin and end. One line is looked at at a time, so one table serves all.
const groupStarts = new Uint32Array(groupsMax)
const groupEnds = new Uint32Array(groupsMax)

/** Banks' cards begin with 2 to 6; clocks in seconds, milliseconds and nanoseconds begin with 1. */
export function mayBeginCard(first: number, digits: number): boolean {
  return digits >= groupDigitsMin && digits <= digitsMax && first >= 0x32 && first <= 0x36
}

/**
 * Finds card numbers in the digits `bytes[at…firstEnd)` and what follows: whole, or in groups separated by one space or
 * dash each. Returns where to go on.
 */
export function findCardNumbers(
  bytes: Uint8Array,
  start: number,
  at: number,
  firstEnd: number,
  end: number,
  onFound: OnFound,
): number {
  if (at > start && isWord(bytes[at - 1])) return firstEnd
  let groups = 0
  let total = 0
  let from = at
  let to = firstEnd
  // The longest run of groups wins that is a card number.
  let found = 0
  for (;;) {
    groupStarts[groups] = from
    groupEnds[groups++] = to
    total += to - from
    if (total > digitsMax) break
    const closed = to === end || !isWord(bytes[to])
    if (total >= digitsMin && closed && passesLuhn(bytes, groups)) found = to
    if (groups === groupsMax || to + 1 >= end || (bytes[to] !== space && bytes[to] !== dash) || !isDigit(bytes[to + 1]))
      break
    from = to + 1
    to = digitsEnd(bytes, from, end)
    if (to - from < groupDigitsMin) break
  }
  if (found === 0) return firstEnd
  onFound(at, found)
  return found
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let to = at
  while (to < end && isDigit(bytes[to])) to++
  return to
}

/** The check digit of ISO/IEC 7812-1, from the last digit to the first. */
function passesLuhn(bytes: Uint8Array, groups: number): boolean {
  let sum = 0
  let double = false
  for (let group = groups - 1; group >= 0; group--) {
    for (let i = groupEnds[group]! - 1; i >= groupStarts[group]!; i--) {
      const value = bytes[i]! - 0x30
      sum += double ? (value > 4 ? 2 * value - 9 : 2 * value) : value
      double = !double
    }
  }
  return sum % 10 === 0
}
