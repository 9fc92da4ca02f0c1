import { isDigit, isLetter, wordsAnd } from './characters.ts'
import type { OnFound } from './masker.ts'

// RFC 5322 allows more (= & ? / and brackets), which in logs separate an address from what is before it.
const local = wordsAnd("!#$%'*+-^_~.")
const domain = wordsAnd('-.')
/** RFC 5321, 4.5.3.1. */
const localBytesMax = 64
const domainBytesMax = 255
const dot = 0x2e

/** Finds the e-mail address around the `@` at `at`. Returns where to go on. */
export function findEmail(bytes: Uint8Array, start: number, at: number, end: number, onFound: OnFound): number {
  const floor = Math.max(start, at - localBytesMax)
  let from = at
  while (from > floor && isLocal(bytes[from - 1]!)) from--
  while (from < at && !startsAddress(bytes[from]!)) from++
  const ceiling = Math.min(end, at + 1 + domainBytesMax)
  let to = at + 1
  while (to < ceiling && isDomain(bytes[to]!)) to++
  // A full stop or a dash at the end belongs to the sentence.
  while (to > at + 1 && !isNameCharacter(bytes[to - 1]!)) to--
  if (from === at || !hasTopLevel(bytes, at + 1, to)) return at + 1
  onFound(from, to)
  return to
}

// Characters beyond ASCII are letters of internationalized addresses (RFC 6531).
function isLocal(byte: number): boolean {
  return local[byte] === 1 || byte >= 0x80
}

function isDomain(byte: number): boolean {
  return domain[byte] === 1 || byte >= 0x80
}

/** Not the quote, bracket or equals sign before it, which a local part could hold but hardly begins with. */
function startsAddress(byte: number): boolean {
  return isNameCharacter(byte) || byte === 0x5f
}

function isNameCharacter(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte >= 0x80
}

/** Two letters or more after a dot. */
function hasTopLevel(bytes: Uint8Array, from: number, to: number): boolean {
  let letters = 0
  let i = to
  while (i > from && (isLetter(bytes[i - 1]) || bytes[i - 1]! >= 0x80)) {
    i--
    letters++
  }
  return letters >= 2 && i > from + 1 && bytes[i - 1] === dot
}
