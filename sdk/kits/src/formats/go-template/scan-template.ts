import { FormatError } from '../../format-error.ts'

/** Bytes of a template are read once; a longer one is no text that a person wrote. */
const templateCharsMax = 1_000_000

export type TokenKind =
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'literal'
  | 'string'
  | 'nil'
  | 'dot'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'left'
  | 'right'
  | 'char'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Patterns of what stands in actions; the first that fits is the token. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['close', /(?:\s-)?\}\}/y],
  ['space', /\s+?(?=\s-\}\}|\S|$)/y],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['pipe', /\|/y],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['literal', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'literal',
    /[+-]?(?:0[xX][0-9a-fA-F_]+(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?\d+)?|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)i?/y,
  ],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['identifier', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['left', /\(/y],
  ['right', /\)/y],
  ['char', /[!#-&*-_a-~]/y],
]

/** After these, something must follow that cannot belong to them. */
const words: ReadonlySet<TokenKind> = new Set(['field', 'variable', 'identifier', 'literal'])

/** The tokens of all actions of a template in Go's notation, in order; the text between them is left out. */
export function scanTemplate(text: string): Token[] {
  if (text.length > templateCharsMax) {
    throw failed(text.slice(0, 20), `found ${text.length} characters, want at most ${templateCharsMax}`, 0, 0)
  }
  const tokens: Token[] = []
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at)) at = scanAction(text, at, tokens)
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

/** @returns the offset after the action */
function scanAction(text: string, start: number, tokens: Token[]): number {
  const open = /\{\{(?:-(?=\s))?/y
  const comment = /\{\{(?:-\s+)?\/\*/y
  comment.lastIndex = start
  if (comment.test(text)) return scanComment(text, start, comment.lastIndex)
  open.lastIndex = start
  open.test(text)
  tokens.push({ kind: 'open', text: '{{', start, end: start + 2 })
  let at = open.lastIndex
  for (;;) {
    const token = scanToken(text, at)
    if (!token) throw unreadable(text, start, at)
    tokens.push(token)
    at = token.end
    if (token.kind === 'close') return at
  }
}

function scanComment(text: string, start: number, from: number): number {
  const end = text.indexOf('*/', from)
  if (end < 0) throw failed(text, 'found a comment without "*/"', start, start + 2)
  const close = /(?:\s+-)?\}\}/y
  close.lastIndex = end + 2
  if (!close.test(text)) throw failed(text, 'found more after a comment, want "}}"', end, end + 2)
  return close.lastIndex
}

function scanToken(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) continue
    const token = { kind: kindOf(kind, match[0]), text: match[0], start: at, end: at + match[0].length }
    const next = text[token.end]
    const ends = next === undefined || /[\s.,|:()}=]/.test(next)
    if (words.has(kind) && !ends) {
      throw failed(text, `found "${next}" after "${match[0]}"`, token.end, token.end + 1)
    }
    return token
  }
  return undefined
}

function kindOf(kind: TokenKind, text: string): TokenKind {
  if (kind !== 'identifier') return kind
  if (text === 'true' || text === 'false') return 'literal'
  return text === 'nil' ? 'nil' : 'identifier'
}

function unreadable(text: string, start: number, at: number): FormatError {
  const found = text[at]
  if (found === undefined) return failed(text, 'found "{{" without "}}"', start, start + 2)
  if (found === '"' || found === '`' || found === "'") {
    return failed(text, `found text in ${found} that is not closed`, at, at + 1)
  }
  return failed(text, `found ${JSON.stringify(found)} in an action`, at, at + 1)
}

export function failed(text: string, reason: string, start: number, end: number, advice?: string): FormatError {
  return new FormatError('Cannot read the template', text, { reason, start, end, advice })
}
