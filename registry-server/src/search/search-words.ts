/** Longer words are cut, where they are indexed and where they are searched for alike. */
const wordCharactersMax = 40

/** The words of a text in the form in which both databases shall see them: without marks (`é` is `e`) and capitals. */
export function searchWords(text: string): string[] {
  return wordRanges(text).map(({ word }) => word)
}

/** Where each word stands in a text. */
export function wordRanges(text: string): { readonly word: string; readonly start: number; readonly end: number }[] {
  // Marks belong to the letter before them.
  return Array.from(text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu), (match) => ({
    word: folded(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  })).filter(({ word }) => word !== '')
}

function folded(word: string): string {
  return word
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
    .slice(0, wordCharactersMax)
}
