import type { Expression, Span } from '../ast.ts'

/** One chain of names: `sys.env`, `prometheus.remote_write.x.receiver`, `module_path`. */
export interface Reference {
  readonly names: readonly string[]
  /** Where each name stands. */
  readonly spans: readonly Span[]
  /** From the first name to the last. */
  readonly span: Span
}

/**
 * All chains of names in an expression, in the order of the text, the names of called functions included. A chain ends
 * at an index or a call: `a.b["c"].d` refers to `a.b`.
 */
export function references(expression: Expression): Reference[] {
  const found: Reference[] = []
  collect(expression, found)
  return found
}

/** The chain that an expression is as a whole; `undefined` when it is anything but names and dots. */
export function chainOf(expression: Expression): Reference | undefined {
  const names: string[] = []
  const spans: Span[] = []
  let at = expression
  for (; at.kind === 'access'; at = at.object) {
    names.push(at.name.text)
    spans.push(at.name.span)
  }
  if (at.kind !== 'identifier') return undefined
  names.push(at.name)
  spans.push(at.span)
  return { names: names.reverse(), spans: spans.reverse(), span: { start: at.span.start, end: expression.span.end } }
}

function collect(expression: Expression, found: Reference[]): void {
  if (expression.kind === 'literal') return
  const chain = chainOf(expression)
  if (chain) {
    found.push(chain)
    return
  }
  for (const child of children(expression)) collect(child, found)
}

/** The parts of an expression, in the order of the text. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return []
    case 'array':
      return expression.elements
    case 'object':
      return expression.fields.map((field) => field.value)
    case 'access':
      return [expression.object]
    case 'index':
      return [expression.object, expression.index]
    case 'call':
      return [expression.callee, ...expression.args]
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'paren':
      return [expression.inner]
  }
}
