import { type BlockStatement, type Body, type Reference, references, type Span } from '@ingot/syntax'
import type { Source } from './source.ts'

/** What one file says of one scope: of the root, of a `declare` or of a `template`. */
export interface ScopePart {
  readonly source: Source
  /** The block whose body it is; `undefined` for the root. */
  readonly block: BlockStatement | undefined
  /** Around a declare: where its names are looked for. Around a template: its components are seen too. */
  readonly outer: ScopePart | undefined
  readonly transparent: boolean
  /** The name that a template sees its item by, and where it is written: between the quotes. */
  readonly variable: ItemVariable | undefined
  readonly declares: ReadonlyMap<string, ScopePart>
  readonly imports: ReadonlyMap<string, BlockStatement>
  /** Everything but declares, in the order of the text. */
  readonly blocks: readonly BlockStatement[]
  /** `prometheus.scrape.api` → its first block. */
  readonly ids: ReadonlyMap<string, BlockStatement>
  /** `prometheus.scrape` → the ids of its blocks. */
  readonly idsByName: ReadonlyMap<string, readonly string[]>
  readonly inner: readonly ScopePart[]
  /** Chains of names in the scope's own expressions. */
  references(): readonly PlacedReference[]
}

export interface ItemVariable {
  readonly name: string
  readonly span: Span
}

export interface PlacedReference extends Reference {
  readonly part: ScopePart
}

export function nameOf(block: BlockStatement): string {
  return block.name.map((part) => part.text).join('.')
}

export function idOf(block: BlockStatement): string {
  return block.label ? `${nameOf(block)}.${block.label.text}` : nameOf(block)
}

export function contains(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end
}

export function indexScopes(source: Source): ScopePart {
  return new Part(source, source.parsed.file.body, undefined, undefined)
}

/** The innermost scope at an offset. */
export function partAt(root: ScopePart, offset: number): ScopePart {
  const inner = root.inner.find((part) => strictlyInside(part.block!.body.span, offset))
  return inner ? partAt(inner, offset) : root
}

/** Between the braces. */
export function strictlyInside(span: Span, offset: number): boolean {
  return span.start < offset && offset < span.end
}

class Part implements ScopePart {
  readonly source: Source
  readonly block: BlockStatement | undefined
  readonly outer: ScopePart | undefined
  readonly transparent: boolean
  readonly variable: ItemVariable | undefined
  readonly declares = new Map<string, ScopePart>()
  readonly imports = new Map<string, BlockStatement>()
  readonly blocks: BlockStatement[] = []
  readonly ids = new Map<string, BlockStatement>()
  readonly idsByName = new Map<string, string[]>()
  readonly inner: ScopePart[] = []
  #references: readonly PlacedReference[] | undefined

  constructor(
    source: Source,
    body: Body,
    block: BlockStatement | undefined,
    outer: ScopePart | undefined,
    variable?: ItemVariable,
  ) {
    this.source = source
    this.block = block
    this.outer = outer
    this.transparent = block !== undefined && nameOf(block) === 'template'
    this.variable = variable
    for (const statement of body.statements) if (statement.kind === 'block') this.#add(statement)
  }

  references(): readonly PlacedReference[] {
    return (this.#references ??= this.blocks.flatMap((block) => [...this.#within(block)]))
  }

  #add(block: BlockStatement): void {
    const name = nameOf(block)
    if (name === 'declare') {
      const inner = new Part(this.source, block.body, block, this)
      this.inner.push(inner)
      if (block.label && !this.declares.has(block.label.text)) this.declares.set(block.label.text, inner)
      return
    }
    this.blocks.push(block)
    if (name === 'foreach') this.#templates(block)
    if (name.startsWith('import.') && block.label) {
      if (!this.imports.has(block.label.text)) this.imports.set(block.label.text, block)
      return
    }
    const id = idOf(block)
    if (this.ids.has(id)) return
    this.ids.set(id, block)
    const ids = this.idsByName.get(name)
    if (ids) ids.push(id)
    else this.idsByName.set(name, [id])
  }

  #templates(block: BlockStatement): void {
    const variable = itemVariable(block)
    for (const inner of block.body.statements) {
      if (inner.kind !== 'block' || nameOf(inner) !== 'template') continue
      this.inner.push(new Part(this.source, inner.body, inner, this, variable))
    }
  }

  *#within(block: BlockStatement): Generator<PlacedReference> {
    for (const statement of block.body.statements) {
      if (statement.kind === 'attribute') {
        for (const reference of references(statement.value)) yield { ...reference, part: this }
      } else if (nameOf(statement) !== 'template' || nameOf(block) !== 'foreach') yield* this.#within(statement)
    }
  }
}

function itemVariable({ body }: BlockStatement): ItemVariable | undefined {
  const found = body.statements.find((each) => each.kind === 'attribute' && each.name.text === 'var')
  if (found?.kind !== 'attribute' || found.value.kind !== 'literal') return undefined
  const { value, span } = found.value
  return typeof value === 'string' ? { name: value, span: { start: span.start + 1, end: span.end - 1 } } : undefined
}
