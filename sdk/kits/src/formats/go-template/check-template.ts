import { FormatError, type FormatMistake } from '../../format-error.ts'
import { templateFunctions } from './functions.ts'
import { failed, scanTemplate, type Token, type TokenKind } from './scan-template.ts'

/** Blocks in each other, and brackets: each costs a frame of the stack. */
const depthMax = 200

type Control = 'if' | 'with' | 'range' | 'define' | 'block'

/** A template in the notation of Go's text/template, with the functions that log stages know. */
export function checkTemplate(text: string): FormatMistake | undefined {
  try {
    new TemplateParser(text, scanTemplate(text)).parse()
    return undefined
  } catch (error) {
    if (error instanceof FormatError) return error.mistake
    throw error
  }
}

class TemplateParser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  /** Blocks that are open, with the variables that each declares. */
  readonly #open: {
    readonly control: Control
    readonly token: Token
    readonly variables: number
    otherwise: boolean
  }[] = []
  #variables: string[] = ['$']
  #brackets = 0

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text
    this.#tokens = tokens
  }

  parse(): void {
    while (this.#peek().kind !== 'end') {
      this.#take()
      this.#action()
    }
    const unclosed = this.#open.at(-1)
    if (unclosed) throw this.#error(`found "${unclosed.control}" without "{{ end }}"`, unclosed.token, 'add {{ end }}')
  }

  #action(): void {
    const token = this.#peekWord()
    const keyword = token.kind === 'identifier' ? token.text : ''
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.#take()
        return this.#begin(keyword, token)
      case 'define':
      case 'block':
        this.#take()
        this.#name(keyword)
        return keyword === 'block' ? this.#begin(keyword, token) : this.#define(token)
      case 'template':
        this.#take()
        this.#name(keyword)
        return this.#peekWord().kind === 'close' ? void this.#take() : this.#pipeline('template', 'close')
      case 'else':
        this.#take()
        return this.#else(token)
      case 'end':
        this.#take()
        return this.#end(token)
      case 'break':
      case 'continue':
        this.#take()
        if (!this.#open.some(({ control }) => control === 'range'))
          throw this.#error(`found "${keyword}" outside of "range"`, token)
        return this.#close(keyword)
      default:
        return this.#pipeline('a command', 'close')
    }
  }

  #begin(control: Control, token: Token): void {
    if (this.#open.length >= depthMax) throw this.#error(`blocks nested deeper than ${depthMax}`, token)
    this.#open.push({ control, token, variables: this.#variables.length, otherwise: false })
    this.#pipeline(control, 'close')
  }

  #define(token: Token): void {
    if (this.#open.length > 0) throw this.#error('found "define" inside of another block', token)
    this.#open.push({ control: 'define', token, variables: this.#variables.length, otherwise: false })
    this.#close('define')
  }

  #else(token: Token): void {
    const open = this.#open.at(-1)
    if (!open || open.control === 'define' || open.control === 'block')
      throw this.#error('found "else" outside of "if", "with" and "range"', token)
    if (open.otherwise) throw this.#error('found a second "else"', token)
    const next = this.#peekWord()
    if (next.kind === 'identifier' && next.text === open.control && open.control !== 'range') {
      this.#take()
      return this.#pipeline(open.control, 'close')
    }
    open.otherwise = true
    this.#close('else')
  }

  #end(token: Token): void {
    const open = this.#open.pop()
    if (!open) throw this.#error('found "end" without a block that it ends', token)
    this.#variables.length = open.variables
    this.#close('end')
  }

  #name(keyword: string): void {
    const token = this.#peekWord()
    if (token.kind !== 'string')
      throw this.#error(`found ${shown(token)} after "${keyword}", want a name in quotes`, token)
    this.#take()
  }

  #close(keyword: string): void {
    const token = this.#peekWord()
    if (token.kind !== 'close') throw this.#error(`found ${shown(token)} after "${keyword}", want "}}"`, token)
    this.#take()
  }

  /** `$x := command | command`, up to what ends it. */
  #pipeline(context: string, until: 'close' | 'right'): void {
    this.#declarations(context === 'range')
    for (let stage = 0; ; stage++) {
      const first = this.#peekWord()
      if (first.kind === until || first.kind === 'pipe') {
        throw this.#error(`found ${shown(first)}, want a value${stage > 0 ? ' after "|"' : ` for ${context}`}`, first)
      }
      if (stage > 0 && ['literal', 'string', 'nil', 'dot'].includes(first.kind)) {
        throw this.#error(`found ${shown(first)} after "|", want a function`, first)
      }
      this.#command(until)
      const next = this.#take()
      if (next.kind === until) return
    }
  }

  #declarations(several: boolean): void {
    const start = this.#at
    const names: string[] = []
    for (;;) {
      const variable = this.#peekWord()
      if (variable.kind !== 'variable') break
      this.#take()
      names.push(variable.text)
      const next = this.#peekWord()
      if (next.kind === 'declare' || next.kind === 'assign') {
        this.#take()
        if (next.kind === 'assign') for (const name of names) this.#known(name, variable)
        else this.#variables.push(...names)
        return
      }
      if (!several || next.text !== ',' || names.length > 1) break
      this.#take()
    }
    this.#at = start
  }

  #command(until: TokenKind): void {
    for (;;) {
      this.#skipSpace()
      this.#operand()
      const next = this.#peek()
      if (next.kind === 'space') {
        const after = this.#peekWord()
        if (after.kind === until || after.kind === 'pipe') return
        continue
      }
      if (next.kind === until || next.kind === 'pipe') return
      throw this.#error(`found ${shown(next)}, want a space, "|" or ${until === 'close' ? '"}}"' : '")"'}`, next)
    }
  }

  /** A term with the fields that are taken of it. */
  #operand(): void {
    const token = this.#take()
    switch (token.kind) {
      case 'identifier':
        if (!templateFunctions.has(token.text))
          throw this.#error(`found the function "${token.text}", which does not exist`, token, fieldAdvice(token.text))
        break
      case 'variable':
        this.#known(token.text, token)
        break
      case 'left':
        this.#bracket(token)
        break
      case 'field':
      case 'literal':
      case 'string':
      case 'nil':
      case 'dot':
        break
      default:
        throw this.#error(`found ${shown(token)}, want a value`, token)
    }
    const plain = ['literal', 'string', 'nil', 'dot'].includes(token.kind)
    while (this.#peek().kind === 'field') {
      const field = this.#take()
      if (plain) throw this.#error(`found ${shown(field)} after ${shown(token)}, which has no fields`, field)
    }
  }

  #bracket(token: Token): void {
    if (++this.#brackets > depthMax) throw this.#error(`brackets nested deeper than ${depthMax}`, token)
    this.#pipeline('a command', 'right')
    this.#brackets--
  }

  #known(name: string, token: Token): void {
    if (this.#variables.includes(name)) return
    throw this.#error(`found the variable "${name}", which is not declared`, token)
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  /** Also passes the space before it. */
  #peekWord(): Token {
    this.#skipSpace()
    return this.#peek()
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#at++
  }

  #take(): Token {
    const token = this.#tokens[this.#at]!
    if (token.kind !== 'end') this.#at++
    return token
  }

  #error(reason: string, { start, end }: Token, advice?: string): FormatError {
    return failed(this.#text, reason, start, end, advice)
  }
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : kind === 'close' ? '"}}"' : `"${text.trim()}"`
}

/** Who writes `{{ name }}` means a value more often than a function. */
function fieldAdvice(name: string): string {
  const near = [...templateFunctions].find((each) => each.toLowerCase() === name.toLowerCase())
  return near === undefined ? `write .${name} for the value of that name` : `did you mean "${near}"?`
}
