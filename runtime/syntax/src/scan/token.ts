export const symbols = [
  '||', '&&', '==', '!=', '<=', '>=',
  '=', '<', '>', '!', '+', '-', '*', '/', '%', '^',
  '{', '}', '(', ')', '[', ']', ',', '.',
] as const // oxfmt-ignore

export type SymbolKind = (typeof symbols)[number]
export type TokenKind =
  | SymbolKind
  | 'identifier'
  | 'null'
  | 'bool'
  | 'number'
  | 'string'
  | 'terminator'
  | 'end'
  | 'illegal'

export interface Token {
  readonly kind: TokenKind
  /** Offsets in UTF-16 code units. A terminator is empty and stands right after the token that it ends. */
  readonly start: number
  readonly end: number
  /** Of a string: its text with the escapes decoded. */
  readonly text?: string
}

const endsStatement: ReadonlySet<TokenKind> = new Set(['identifier', 'null', 'bool', 'number', 'string', ')', ']', '}'])

/** Whether a newline after such a token ends the statement. */
export function mayEndStatement(kind: TokenKind): boolean {
  return endsStatement.has(kind)
}
