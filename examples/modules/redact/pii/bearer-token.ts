import { isWord, wordsAnd } from './characters.ts'
import type { OnFound } from './masker.ts'

/** `token68` of RFC 7235. */
const token = wordsAnd('-._~+/=')
const word = [0x62, 0x65, 0x61, 0x72, 0x65, 0x72]
/** Shorter words after "bearer" are speech. */
const tokenBytesMin = 8
const space = 0x20

/** Finds the token after `Bearer`, in any case, whose first letter is at `at`. Returns where to go on. */
export function findBearerToken(bytes: Uint8Array, start: number, at: number, end: number, onFound: OnFound): number {
  if (at > start && isWord(bytes[at - 1])) return at + 1
  for (let i = 0; i < word.length; i++) {
    if (at + i >= end || (bytes[at + i]! | 0x20) !== word[i]) return at + 1
  }
  let from = at + word.length
  while (from < end && bytes[from] === space) from++
  if (from === at + word.length) return from
  let to = from
  while (to < end && token[bytes[to]!] === 1) to++
  if (to - from >= tokenBytesMin) onFound(from, to)
  // What is no token may hold something else that is looked for.
  return to - from >= tokenBytesMin ? to : from
}
