import type { Expression, Span, Value } from '@ingot/syntax'

/** A block with the values of its expressions, in the order of the source. */
export interface EvaluatedBlock {
  /** `prometheus.scrape`, `stage.json`. */
  readonly name: string
  readonly label: { readonly text: string; readonly span: Span } | undefined
  readonly file: string
  /** Name and label. */
  readonly head: Span
  readonly attributes: readonly EvaluatedAttribute[]
  readonly blocks: readonly EvaluatedBlock[]
}

export interface EvaluatedAttribute {
  readonly name: string
  readonly nameSpan: Span
  readonly expression: Expression
  /** Absent when it has none yet: its expression failed, or something that it is made from did. */
  readonly value: Value | undefined
  /** The value is made from exports that a component has not set yet: its type is right, its content is not known. */
  readonly provisional: boolean
}
