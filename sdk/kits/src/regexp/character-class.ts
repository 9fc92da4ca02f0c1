/** Pieces of JavaScript character classes for RE2's escapes and names (https://github.com/google/re2/wiki/Syntax). */

const posix: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}
const posixNegated: Readonly<Record<string, string>> = {
  alnum: '\\x00-\\/:-@\\[-`\\{-\\u{10FFFF}',
  alpha: '\\x00-@\\[-`\\{-\\u{10FFFF}',
  ascii: '\\x80-\\u{10FFFF}',
  blank: '\\x00-\\x08\\n-\\x1F!-\\u{10FFFF}',
  cntrl: ' -~\\x80-\\u{10FFFF}',
  digit: '\\x00-\\/:-\\u{10FFFF}',
  graph: '\\x00- \\x7F-\\u{10FFFF}',
  lower: '\\x00-`\\{-\\u{10FFFF}',
  print: '\\x00-\\x1F\\x7F-\\u{10FFFF}',
  punct: '\\x00- 0-9A-Za-z\\x7F-\\u{10FFFF}',
  space: '\\x00-\\x08\\x0E-\\x1F!-\\u{10FFFF}',
  upper: '\\x00-@\\[-\\u{10FFFF}',
  word: '\\x00-\\/:-@\\[-\\^`\\{-\\u{10FFFF}',
  xdigit: '\\x00-\\/:-@G-`g-\\u{10FFFF}',
}
const perl: Readonly<Record<string, string>> = {
  d: posix['digit']!,
  D: posixNegated['digit']!,
  s: '\\t\\n\\f\\r ',
  S: '\\x00-\\x08\\x0B\\x0E-\\x1F!-\\u{10FFFF}',
  w: posix['word']!,
  W: posixNegated['word']!,
}

/** The inside of a class for `\d \D \s \S \w \W`; undefined for any other letter. RE2's are ASCII only, JavaScript's `\s` is not. */
export function perlClass(letter: string): string | undefined {
  return perl[letter]
}

/** The inside of a class for `[:name:]` or `[:^name:]`. */
export function posixClass(name: string): string | undefined {
  return name.startsWith('^') ? posixNegated[name.slice(1)] : posix[name]
}

const categories = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/

/** `\pN`, `\p{Greek}`, `\P{^Lu}` as JavaScript writes it. */
export function unicodeClass(letter: string, name: string): string {
  if (name === 'Any') return letter === 'p' ? '\\p{Any}' : '\\P{Any}'
  const negated = name.startsWith('^')
  const bare = negated ? name.slice(1) : name
  const flipped = negated === (letter === 'p') ? 'P' : 'p'
  return categories.test(bare) ? `\\${flipped}{${bare}}` : `\\${flipped}{Script=${bare}}`
}

/** One code point as a class or pattern takes it literally. */
export function literal(point: number): string {
  const char = String.fromCodePoint(point)
  if (/[0-9A-Za-z_ ]/.test(char) || point > 0x7f)
    return point >= 0xd800 && point <= 0xdfff ? `\\u{${point.toString(16)}}` : char
  return `\\x${point.toString(16).padStart(2, '0')}`
}
