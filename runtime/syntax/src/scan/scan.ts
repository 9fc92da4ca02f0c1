import type { Comment } from '../ast.ts'
import type { Code } from '../codes.ts'
import { diagnose } from '../diagnose/diagnose.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { identifierPattern } from './identifier.ts'
import { scanRawString, scanString } from './string.ts'
import { mayEndStatement, symbols, type Token, type TokenKind } from './token.ts'

export interface Scan {
  /** Ends with a token of kind `end`. */
  readonly tokens: readonly Token[]
  readonly comments: readonly Comment[]
  readonly diagnostics: readonly Diagnostic[]
  /** Whether an unterminated comment or raw string took the rest of the file. */
  readonly cutShort: boolean
}

/** Splits a text into tokens. It never fails: what cannot be read is reported and stands as an `illegal` token. */
export function scan(file: string, source: string): Scan {
  const scanner = new Scanner(file, source)
  scanner.run()
  return scanner
}

const numberPattern = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d*)?/y
const spacePattern = /[ \t\r]+/y
/** Not allowed anywhere, in strings and comments neither; a byte order mark may only be the first character. */
const forbiddenPattern = /\0|\uFEFF|\p{Cs}/gu

class Scanner implements Scan {
  readonly tokens: Token[] = []
  readonly comments: Comment[] = []
  readonly diagnostics: Diagnostic[] = []
  cutShort = false
  readonly #file: string
  readonly #source: string
  #at: number
  /** Whether the next newline ends a statement. */
  #terminates = false

  constructor(file: string, source: string) {
    this.#file = file
    this.#source = source
    this.#at = source.startsWith('\uFEFF') ? 1 : 0
  }

  run(): void {
    this.#reportForbidden()
    while (this.#at < this.#source.length) this.#next()
    this.#terminate()
    this.#push('end', this.#source.length)
  }

  #next(): void {
    const ch = this.#source[this.#at]!
    if (ch === '\n') {
      this.#terminate()
      this.#at++
    } else if (ch === '/' && (this.#source[this.#at + 1] === '/' || this.#source[this.#at + 1] === '*')) {
      this.#comment()
    } else if (ch === '"' || ch === "'" || ch === '`') {
      this.#string(ch)
    } else if (this.#match(spacePattern)) {
      this.#at = spacePattern.lastIndex
    } else if (this.#match(identifierPattern)) {
      this.#word(identifierPattern.lastIndex)
    } else if (this.#match(numberPattern)) {
      this.#number(numberPattern.lastIndex)
    } else {
      this.#symbol(ch)
    }
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#source)
  }

  #push(kind: TokenKind, end: number, text?: string): void {
    const start = this.#at
    this.tokens.push(text === undefined ? { kind, start, end } : { kind, start, end, text })
    // A line that cannot be read ends its statement, so that the next line is read afresh.
    this.#terminates = kind === 'illegal' || mayEndStatement(kind)
    this.#at = end
  }

  #terminate(): void {
    if (!this.#terminates) return
    const end = this.tokens.at(-1)!.end
    this.tokens.push({ kind: 'terminator', start: end, end })
    this.#terminates = false
  }

  #word(end: number): void {
    const word = this.#source.slice(this.#at, end)
    this.#push(word === 'null' ? 'null' : word === 'true' || word === 'false' ? 'bool' : 'identifier', end)
  }

  #number(end: number): void {
    const raw = this.#source.slice(this.#at, end)
    if (/[eE][+-]?$/.test(raw))
      this.#report('invalid-number', end, `Cannot read number "${raw}": the exponent has no digits`)
    else if (!Number.isFinite(Number(raw))) {
      this.#report('invalid-number', end, `Cannot read number "${raw.slice(0, 40)}": it does not fit a 64-bit float`)
    }
    this.#push('number', end)
  }

  #string(quote: string): void {
    const report = (diagnostic: Diagnostic) => this.diagnostics.push(diagnostic)
    if (quote === "'") this.#report('illegal-quote', this.#at + 1, 'Cannot read string: found a single quote, want "')
    const read = quote === '`' ? scanRawString : scanString
    const { text, end } = read(this.#source, this.#at, this.#file, report)
    this.cutShort ||= quote === '`' && (end === this.#at + 1 || this.#source[end - 1] !== '`')
    this.#push('string', end, text)
  }

  #comment(): void {
    const start = this.#at
    const line = this.#source[start + 1] === '/'
    const close = this.#source.indexOf(line ? '\n' : '*/', start + 2)
    let end = close === -1 ? this.#source.length : line ? close : close + 2
    if (!line && close === -1) {
      this.#report('unterminated-comment', start + 2, 'Cannot read comment: found the end of the file, want */')
      this.cutShort = true
    }
    // A statement ends at the newline in a comment as at any other.
    if (!line && this.#source.slice(start, end).includes('\n')) this.#terminate()
    this.#at = end
    if (line) while (this.#source[end - 1] === '\r') end--
    this.comments.push({ start, end, text: this.#source.slice(start, end).replaceAll('\r', '') })
  }

  #symbol(ch: string): void {
    const symbol = symbols.find((candidate) => this.#source.startsWith(candidate, this.#at))
    if (symbol !== undefined) return this.#push(symbol, this.#at + symbol.length)
    if (ch === '|' || ch === '&') {
      this.#report('illegal-character', this.#at + 1, `Cannot read "${ch}": want "${ch}${ch}"`)
      return this.#push(ch === '|' ? '||' : '&&', this.#at + 1)
    }
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!)
    const end = this.#at + character.length
    if (!new RegExp(forbiddenPattern, 'u').test(character)) this.#reportCharacter(character, end)
    // A line that begins with # was meant as a comment: its words are not worth more messages.
    if (ch !== '#') return this.#push('illegal', end)
    const newline = this.#source.indexOf('\n', end)
    this.#at = newline === -1 ? this.#source.length : newline
  }

  #reportCharacter(character: string, end: number): void {
    this.#report('illegal-character', end, `Cannot read ${describe(character)}: the language does not use it`, {
      advice: advice[character],
    })
  }

  #reportForbidden(): void {
    for (const match of this.#source.matchAll(forbiddenPattern)) {
      if (match.index === 0 && match[0] === '\uFEFF') continue
      const span = { start: match.index, end: match.index + 1 }
      const message = `Cannot read ${describe(match[0])}: it is not allowed in a configuration`
      this.diagnostics.push(diagnose('illegal-character', { file: this.#file, span }, message))
    }
  }

  #report(code: Code, end: number, message: string, values: Readonly<Record<string, string | undefined>> = {}): void {
    const span = { start: this.#at, end }
    this.diagnostics.push(diagnose(code, { file: this.#file, span }, message, values))
  }
}

const advice: Readonly<Record<string, string>> = {
  '#': 'comments begin with //',
  ';': 'a statement ends with its line',
  ':': 'keys and values are joined with "="',
  '?': 'there is no conditional; coalesce() picks the first value that is not empty',
}

function describe(character: string): string {
  if (/^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character)) return `"${character}"`
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
