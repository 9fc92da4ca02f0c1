/** The syntax tree of a configuration file. Every node knows its span; comments are kept beside the tree for the printer. */

/** Offsets in UTF-16 code units of the source's text, the end excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface SourceFile {
  /** As the user named it: what diagnostics print. */
  readonly name: string
  readonly text: string
  readonly body: Body
  readonly comments: readonly Comment[]
}
export interface Comment extends Span {
  readonly text: string
}

export interface Body {
  readonly statements: readonly Statement[]
  readonly span: Span
}
export type Statement = AttributeStatement | BlockStatement

export interface AttributeStatement {
  readonly kind: 'attribute'
  readonly name: Identifier
  readonly value: Expression
  readonly span: Span
}
export interface BlockStatement {
  readonly kind: 'block'
  /** `prometheus`, `scrape`. */
  readonly name: readonly Identifier[]
  /** Absent also for `""`. */
  readonly label?: { readonly text: string; readonly span: Span }
  readonly body: Body
  readonly span: Span
  /** The name and the label: what diagnostics about the whole block underline. */
  readonly head: Span
}
export interface Identifier {
  readonly text: string
  readonly span: Span
}

export type Expression =
  | {
      readonly kind: 'literal'
      readonly value: null | boolean | bigint | number | string
      readonly raw: string
      readonly span: Span
    }
  | { readonly kind: 'array'; readonly elements: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'object'; readonly fields: readonly ObjectField[]; readonly span: Span }
  | { readonly kind: 'identifier'; readonly name: string; readonly span: Span }
  | { readonly kind: 'access'; readonly object: Expression; readonly name: Identifier; readonly span: Span }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression; readonly span: Span }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly operatorSpan: Span
      readonly left: Expression
      readonly right: Expression
      readonly span: Span
    }
  | { readonly kind: 'paren'; readonly inner: Expression; readonly span: Span }

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '^'

export interface ObjectField {
  readonly name: string
  readonly nameSpan: Span
  readonly value: Expression
}
