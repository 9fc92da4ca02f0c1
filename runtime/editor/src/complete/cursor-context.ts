import { scan, type Token } from '@ingot/syntax'

/** One step from an attribute's name to the place of a value in it. */
export type Step =
  | { readonly kind: 'item' }
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'other' }

/** What the text in front of the cursor says about the place. It is read from tokens: what is being typed is never whole. */
export interface CursorContext {
  readonly where: 'statement' | 'value' | 'key' | 'label' | 'nowhere'
  /** Names and labels of the blocks around the cursor, outermost first. */
  readonly blocks: readonly { readonly name: string; readonly label: string | undefined; readonly open: number }[]
  /** The attribute whose value it is in. */
  readonly attribute: string
  readonly steps: readonly Step[]
  /** The dotted names that are being typed, without spaces, and where they begin. */
  readonly typed: string
  readonly from: number
  /** Whether the cursor is in a string; `typed` is then what the string holds so far. */
  readonly quoted: boolean
}

interface Frame {
  readonly kind: 'block' | 'object' | 'list' | 'other'
  readonly name: string
  readonly label: string | undefined
  readonly open: number
  /** Tokens since the last statement, element or field began. */
  tokens: Token[]
}

/** @param start where a statement at the root may begin: what is in front of it is not read */
export function cursorContext(text: string, offset: number, start = 0): CursorContext {
  const found = contextOf(text.slice(start, offset))
  const blocks = found.blocks.map((block) => ({ ...block, open: block.open + start }))
  return { ...found, blocks, from: found.from + start }
}

function contextOf(before: string): CursorContext {
  const offset = before.length
  const { tokens, comments, diagnostics } = scan('', before)
  const comment = comments.at(-1)
  const inComment =
    comment?.end === offset && (comment.text.startsWith('//') || !comment.text.endsWith('*/') || comment.text === '/*/')
  const broken = diagnostics.some(({ code, span }) => code === 'unterminated-string' && span?.end === offset)
  // The mark of the end, and the end of the line that the end of the text is taken for.
  const read = tokens.filter(({ kind }) => kind !== 'end')
  while (read.at(-1)?.kind === 'terminator' && !before.slice(read.at(-1)!.end).includes('\n')) read.pop()
  const last = read.at(-1)
  const quoted = last?.kind === 'string' && last.end === offset && (broken || !closed(before, last))
  const frames = new Frames(before)
  const typing = quoted ? [last] : typedChain(read, offset)
  for (const [index, token] of read.slice(0, read.length - typing.length).entries()) {
    frames.take(token, read[index + 1])
  }
  const from = quoted ? last.start + 1 : (typing[0]?.start ?? offset)
  const typed = quoted ? before.slice(from) : typing.map(({ start, end }) => before.slice(start, end)).join('')
  const place = inComment ? ({ where: 'nowhere', attribute: '', steps: [] } as const) : frames.place(quoted)
  return { ...place, blocks: frames.blocks(), typed, from, quoted }
}

function closed(text: string, { start, end }: Token): boolean {
  return end > start + 1 && text[end - 1] === text[start]
}

/** The last tokens when they are names and dots that end at the cursor. */
function typedChain(tokens: readonly Token[], offset: number): readonly Token[] {
  let at = tokens.length
  let end = offset
  let wantsName = tokens.at(-1)?.kind !== '.'
  while (at > 0) {
    const token = tokens[at - 1]!
    const isName = token.kind === 'identifier' || token.kind === 'null' || token.kind === 'bool'
    if (token.end !== end || (wantsName ? !isName : token.kind !== '.')) break
    end = token.start
    wantsName = !wantsName
    at--
  }
  const chain = tokens.slice(at)
  return chain[0]?.kind === '.' ? [] : chain
}

class Frames {
  readonly #text: string
  readonly #stack: Frame[] = [{ kind: 'block', name: '', label: undefined, open: 0, tokens: [] }]

  constructor(text: string) {
    this.#text = text
  }

  get #top(): Frame {
    return this.#stack.at(-1)!
  }

  take(token: Token, next: Token | undefined): void {
    switch (token.kind) {
      case '{':
        return this.#openBrace(token)
      case '[':
        return this.#open(isValueEnd(this.#top.tokens.at(-1)) ? 'other' : 'list', token)
      case '(':
        return this.#open('other', token)
      case '}':
      case ']':
      case ')':
        return this.#close(token)
      case '=':
        return this.#assign(token)
      case ',':
        if (this.#top.kind !== 'block') this.#top.tokens = []
        return
      case 'terminator':
        if (this.#top.kind === 'block') this.#top.tokens = []
        return
      case 'identifier':
        if (this.#beginsRootBlock(token, next)) this.#stack.length = 1
    }
    this.#top.tokens.push(token)
  }

  blocks(): CursorContext['blocks'] {
    const blocks = this.#stack.slice(1).filter(({ kind }) => kind === 'block')
    return blocks.map(({ name, label, open }) => ({ name, label, open }))
  }

  place(quoted: boolean): Pick<CursorContext, 'where' | 'attribute' | 'steps'> {
    const at = this.#stack.findLastIndex(({ kind }) => kind === 'block')
    const block = this.#stack[at]!
    const attribute = assigned(block.tokens, this.#text)
    if (attribute === undefined) {
      const where = block.tokens.length === 0 && !quoted ? 'statement' : quoted ? 'label' : 'nowhere'
      return { where, attribute: '', steps: [] }
    }
    const steps = this.#stack.slice(at + 1).map((frame): Step => {
      if (frame.kind === 'list') return { kind: 'item' }
      const key = frame.kind === 'object' ? assigned(frame.tokens, this.#text) : undefined
      return key === undefined ? { kind: 'other' } : { kind: 'key', name: key }
    })
    const top = this.#top
    const inKey = top.kind === 'object' && assigned(top.tokens, this.#text) === undefined
    const last = top.tokens.at(-1)
    if (!inKey && isValueEnd(last)) return { where: 'nowhere', attribute, steps }
    return { where: inKey ? 'key' : 'value', attribute, steps }
  }

  #open(kind: Frame['kind'], { start }: Token, name = '', label?: string): void {
    if (kind !== 'block') this.#top.tokens.push({ kind: 'null', start, end: start })
    this.#stack.push({ kind, name, label, open: start, tokens: [] })
  }

  #openBrace(token: Token): void {
    const { kind, tokens } = this.#top
    if (kind !== 'block' || tokens.some((each) => each.kind === '=')) return this.#open('object', token)
    const label = tokens.find((each) => each.kind === 'string')
    const name = tokens.filter((each) => each.kind === 'identifier').map((each) => this.#raw(each))
    this.#top.tokens = []
    this.#open('block', token, name.join('.'), label && label.text)
  }

  /** A closer also closes what was left open inside of it; one that closes nothing is passed over. */
  #close({ kind }: Token): void {
    const wanted: readonly Frame['kind'][] = kind === '}' ? ['block', 'object'] : ['list', 'other']
    const at = this.#stack.findLastIndex((frame) => wanted.includes(frame.kind))
    const block = this.#stack.findLastIndex((frame) => frame.kind === 'block')
    if (at > 0 && at >= block) this.#stack.length = at
  }

  /** `name =` belongs to no list: one that is open here was never closed. */
  #assign(token: Token): void {
    const name = this.#top.tokens.at(-1)
    if (this.#top.kind === 'list' || this.#top.kind === 'other') {
      while (this.#top.kind === 'list' || this.#top.kind === 'other') this.#stack.pop()
      this.#top.tokens = name ? [name] : []
    }
    this.#top.tokens.push(token)
  }

  /** `a.b "label"` at the very beginning of a line: a block before it lacks its brace. */
  #beginsRootBlock(token: Token, next: Token | undefined): boolean {
    if (this.#stack.length === 1 || (token.start > 0 && this.#text[token.start - 1] !== '\n')) return false
    return next?.kind === '.' || next?.kind === 'string'
  }

  #raw({ start, end }: Token): string {
    return this.#text.slice(start, end)
  }
}

/** Whether a value ends with the token, so that another cannot follow. */
function isValueEnd(token: Token | undefined): boolean {
  const kind = token?.kind
  return kind === 'identifier' || kind === 'string' || kind === 'number' || kind === 'null' || kind === 'bool'
}

function assigned(tokens: readonly Token[], text: string): string | undefined {
  const at = tokens.findIndex(({ kind }) => kind === '=')
  const name = tokens[at - 1]
  if (!name) return undefined
  return name.kind === 'string' ? name.text : text.slice(name.start, name.end)
}
