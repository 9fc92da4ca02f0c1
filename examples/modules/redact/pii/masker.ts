import { findBearerToken } from './bearer-token.ts'
import { findCardNumbers, mayBeginCard } from './card-number.ts'
import { findEmail } from './email.ts'

export const maskKinds = ['card_number', 'email', 'bearer_token'] as const
export type MaskKind = (typeof maskKinds)[number]

/** Called with what is to be masked: `bytes[from…to)`. */
export type OnFound = (from: number, to: number) => void

/** Looks through `bytes[start…end)`, which is one line. */
export type Masker = (bytes: Uint8Array, start: number, end: number, onFound: OnFound) => void

const nothing = 0
const digit = 1
const at = 2
const letterB = 3
/** The second letter of "bearer": few words go on like that. */
const letterE = 0x65

/**
 * One pass over the bytes: a table says where something may begin, and only there is it looked at closely. What is
 * looked for is ASCII, so bytes of other characters pass by as they are.
 */
export function makeMasker(kinds: readonly MaskKind[]): Masker {
  const classes = new Uint8Array(256)
  if (kinds.includes('card_number')) classes.fill(digit, 0x30, 0x3a)
  if (kinds.includes('email')) classes[0x40] = at
  if (kinds.includes('bearer_token')) classes[0x42] = classes[0x62] = letterB
  return (bytes, start, end, onFound) => {
    let i = start
    while (i < end) {
      while (i < end && classes[bytes[i]!] === nothing) i++
      if (i === end) return
      const found = classes[bytes[i]!]
      if (found === digit) {
        const from = i++
        while (i < end && classes[bytes[i]!] === digit) i++
        // Most digits of a line are parts of times, addresses and sizes.
        if (mayBeginCard(bytes[from]!, i - from)) i = findCardNumbers(bytes, start, from, i, end, onFound)
      } else if (found === at) i = findEmail(bytes, start, i, end, onFound)
      else if ((bytes[i + 1]! | 0x20) !== letterE) i++
      else i = findBearerToken(bytes, start, i, end, onFound)
    }
  }
}
