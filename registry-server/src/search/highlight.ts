import type { SearchHighlight } from '@ingot/manifest'
import { wordRanges } from './search-words.ts'

/** Around the first word that was found in a long text. */
const excerptCharacters = { before: 60, all: 240 } as const

type Parts = SearchHighlight['parts']

/** A text with the words marked that begin with one of `words`; `undefined` when there are none. */
export function highlight(text: string, words: readonly string[]): Parts | undefined {
  const parts: Parts = []
  let end = 0
  for (const range of wordRanges(text)) {
    if (!words.some((word) => range.word.startsWith(word))) continue
    if (range.start > end) parts.push({ text: text.slice(end, range.start), match: false })
    parts.push({ text: text.slice(range.start, range.end), match: true })
    end = range.end
  }
  if (parts.length === 0) return undefined
  if (end < text.length) parts.push({ text: text.slice(end), match: false })
  return parts
}

/** The part of a long text in which the first of the words stands, in one line, with the words marked. */
export function highlightExcerpt(text: string, words: readonly string[]): Parts | undefined {
  const first = wordRanges(text).find(({ word }) => words.some((wanted) => word.startsWith(wanted)))
  if (!first) return undefined
  const start = Math.max(0, first.start - excerptCharacters.before)
  const cut = text.slice(start, start + excerptCharacters.all)
  const end = start + excerptCharacters.all
  // No half words at the ends.
  const begun = start === 0 ? cut : cut.replace(/^\S*\s/, '')
  const whole = end < text.length ? begun.replace(/\s\S*$/, '') : begun
  return highlight(whole.replaceAll(/\s+/g, ' ').trim(), words)
}
