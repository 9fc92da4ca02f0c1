import { scan } from '../scan/scan.ts'

/**
 * The text of a configuration as those may see it who need not know what is in its strings: each is as long as it was,
 * and reads `"*****"`. Labels are kept, comments are not: they hold what was once a string. Offsets stay.
 */
export function concealLiterals(text: string): string {
  const { tokens, comments } = scan('', text)
  const literals = tokens.filter(({ kind }, at) => kind === 'string' && tokens[at + 1]?.kind !== '{')
  const hidden = [
    ...literals.map(({ start, end }) => ({ start: start + 1, end: isClosed(text, start, end) ? end - 1 : end })),
    ...comments.map(({ start, end }) => ({ start: start + 2, end })),
  ]
  let concealed = ''
  let at = 0
  for (const { start, end } of hidden.toSorted((a, b) => a.start - b.start)) {
    concealed += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, '*')
    at = end
  }
  return concealed + text.slice(at)
}

function isClosed(text: string, start: number, end: number): boolean {
  return end - start > 1 && text[end - 1] === text[start]
}
