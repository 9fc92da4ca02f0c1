import type { BlockStatement, Span } from '@ingot/syntax'
import type { EditorComponent, EditorFunction } from '../host.ts'
import type { Argument } from '../names/arguments.ts'
import type { Field } from '../names/fields.ts'
import type { Place } from '../names/file-set.ts'

/** A thing that the configuration gives a name, by a label but for an item, and that can be renamed. */
export interface LabelSymbol {
  readonly kind: 'block' | 'declare' | 'argument' | 'export' | 'import' | 'item'
  readonly name: string
  /** Where the block stands; of an item, the template that sees it by this name. */
  readonly place: Place
  readonly block: BlockStatement
  /** Where the name is given, without quotes. */
  readonly given: Span
}

/** What a name stands for. */
export type NameSymbol =
  | LabelSymbol
  | { readonly kind: 'component'; readonly component: EditorComponent; readonly defined?: Defined }
  | { readonly kind: 'field'; readonly field: Field; readonly defined: Defined }
  | { readonly kind: 'given'; readonly argument: Argument }
  | { readonly kind: 'function'; readonly name: string }
  /** A function of an import's module. */
  | { readonly kind: 'called'; readonly called: EditorFunction; readonly namespace: string }
  | { readonly kind: 'language'; readonly name: string }

export interface Defined {
  readonly place: Place
  readonly block: BlockStatement
}

export interface FoundSymbol {
  readonly symbol: NameSymbol
  /** The one name that the symbol is asked by. */
  readonly span: Span
}

export function isLabelSymbol(symbol: NameSymbol): symbol is LabelSymbol {
  return 'place' in symbol
}

/** Between the quotes. */
export function labelText(block: BlockStatement): Span {
  const { start, end } = block.label?.span ?? block.head
  return block.label ? { start: start + 1, end: end - 1 } : { start, end }
}
