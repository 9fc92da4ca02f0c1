import { findBearerToken } from './bearer-token.ts'
import { findCardNumbers } from './card-number.ts'
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
      switch (classes[bytes[i]!]) {
        case nothing:
          i++
          break
        case digit:
          i = findCardNumbers(bytes, start, i, end, onFound)
          break
        case at:
          i = findEmail(bytes, start, i, end, onFound)
          break
        default:
          i = findBearerToken(bytes, start, i, end, onFound)
      }
    }
  }
}
