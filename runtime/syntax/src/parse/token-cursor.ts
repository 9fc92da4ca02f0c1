import type { Span } from '../ast.ts'
import type { Code } from '../codes.ts'
import { diagnose } from '../diagnose/diagnose.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { Token, TokenKind } from '../scan/token.ts'
import { OpenBrackets } from './open-brackets.ts'

/** Blocks and expressions inside each other. Each level costs some ten stack frames of the parser. */
const NESTING_MAX = 256

/** The height of a tree. Operators and accesses in a row add to it: all that walks a tree recurses once for each. */
const HEIGHT_MAX = 1000

/** Unwinds to the nearest place that can go on; what is wrong has been reported. */
export class SyntaxFailure extends Error {}

/** The parser's place in the tokens, with what recovery needs to know: which brackets are open. */
export class TokenCursor {
  readonly file: string
  readonly source: string
  readonly diagnostics: Diagnostic[] = []
  /** The first block whose braces are indented differently: where a later block lacks a brace, it is this one's. */
  suspect: Span | undefined
  readonly #tokens: readonly Token[]
  #at = 0
  readonly #open = new OpenBrackets()
  #nesting = 0
  /** Of the tallest part on this level, as far as it has been read. */
  #height = 0

  constructor(file: string, source: string, tokens: readonly Token[]) {
    this.file = file
    this.source = source
    this.#tokens = tokens
  }

  get token(): Token {
    return this.#tokens[this.#at]!
  }

  /** The token `distance` places on; the end token when there are no more. */
  ahead(distance: number): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)]!
  }

  /** The end of the token that was taken last. */
  get lastEnd(): number {
    return this.#at === 0 ? 0 : this.#tokens[this.#at - 1]!.end
  }

  at(kind: TokenKind): boolean {
    return this.token.kind === kind
  }

  raw(token: Span): string {
    return this.source.slice(token.start, token.end)
  }

  take(): Token {
    const token = this.token
    if (token.kind === 'end') return token
    this.#at++
    this.#open.take(token.kind)
    return token
  }

  accept(kind: TokenKind): Token | undefined {
    return this.at(kind) ? this.take() : undefined
  }

  expect(kind: TokenKind, wanted = describeKind(kind)): Token {
    if (!this.at(kind)) this.unexpected(wanted)
    return this.take()
  }

  unexpected(wanted: string, advice?: string): never {
    this.reportUnexpected(wanted, advice)
    throw new SyntaxFailure()
  }

  reportUnexpected(wanted: string, advice?: string): void {
    const { start, end } = this.token
    // What cannot be read was reported by the scanner.
    if (this.at('illegal')) return
    const message = `Cannot read this line: found ${describeToken(this.token, this.source)}, want ${wanted}`
    this.report('unexpected-token', { start, end }, message, { advice })
  }

  report(code: Code, span: Span, message: string, values: Readonly<Record<string, string | undefined>> = {}): void {
    const { start, end } = span
    this.diagnostics.push(diagnose(code, { file: this.file, span: { start, end } }, message, values))
  }

  /** Runs a part of the parser one level deeper. */
  nested<T>(parse: () => T): T {
    if (this.#nesting >= NESTING_MAX) this.#tooDeep(`more than ${NESTING_MAX} levels of nesting`)
    const before = this.#height
    this.#height = 0
    this.#nesting++
    try {
      const parsed = parse()
      this.grow()
      return parsed
    } finally {
      this.#nesting--
      this.#height = Math.max(before, this.#height)
    }
  }

  /** Notes that what was read on this level has become a part of something. */
  grow(): void {
    if (++this.#height > HEIGHT_MAX) this.#tooDeep(`a tree of more than ${HEIGHT_MAX} levels`)
  }

  #tooDeep(what: string): never {
    this.report('too-deep', this.token, `Cannot read ${what}`)
    throw new SyntaxFailure()
  }

  /** Runs a part of the parser; when it fails, skips with `recover`, which gets the number of depth of brackets before. */
  attempt<T>(parse: () => T, recover: (open: number) => void): T | undefined {
    const open = this.#open.depth
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error
      recover(open)
      return undefined
    }
  }

  /** Skips to the end of the broken statement: its newline, or the brace that closes the block around it. */
  skipStatement(open: number): void {
    while (!this.at('end')) {
      if (this.#open.depth <= open && (this.at('terminator') || this.at('}'))) return
      // A list that was never closed ends where its block closes or where the next statement begins.
      const left = this.at('}') || (this.at('terminator') && this.beginsStatement(1))
      if (left && !this.#open.hasBrace(open)) {
        this.#open.abandon(open)
        return
      }
      this.take()
    }
  }

  /** Skips the broken element of a list: to the next comma, newline or closer of the list. */
  skipElement(open: number, closer: TokenKind): void {
    for (;;) {
      if (this.at('end')) throw new SyntaxFailure()
      if (this.#open.depth <= open) {
        if (this.at(',') || this.at(closer)) return
        if (this.at('terminator') && (closer === '}' || !this.beginsStatement(1))) return
        if (this.at('terminator') || this.at('}')) throw new SyntaxFailure()
      }
      this.take()
    }
  }

  /** Whether the tokens from `distance` on look like `name =`, `name {` or `name "label" {`. */
  beginsStatement(distance: number): boolean {
    let at = distance
    if (this.ahead(at).kind !== 'identifier') return false
    while (this.ahead(at + 1).kind === '.' && this.ahead(at + 2).kind === 'identifier') at += 2
    const next = this.ahead(at + 1).kind
    return next === '=' || next === '{' || (next === 'string' && this.ahead(at + 2).kind === '{')
  }
}

function describeKind(kind: TokenKind): string {
  switch (kind) {
    case 'identifier':
      return 'a name'
    case 'terminator':
      return 'the end of the line'
    case 'end':
      return 'the end of the file'
    default:
      return `"${kind}"`
  }
}

const TOKEN_TEXT_MAX = 40

function describeToken(token: Token, source: string): string {
  switch (token.kind) {
    case 'terminator':
    case 'end':
      return describeKind(token.kind)
    case 'string':
      return 'a string'
    case 'identifier':
    case 'number':
    case 'null':
    case 'bool':
      return `"${source.slice(token.start, token.end).slice(0, TOKEN_TEXT_MAX)}"`
    default:
      return `"${token.kind}"`
  }
}
