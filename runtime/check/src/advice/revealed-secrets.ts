import type { EvaluatedAttribute, Graph, GraphEvaluation, NodeReference } from '@ingot/graph'
import { chainOf, children, type Expression, openSecret, type Span, type Value } from '@ingot/syntax'
import type { Advice } from '../arguments/decoding.ts'

const revealing: ReadonlySet<string> = new Set(['convert.nonsensitive', 'nonsensitive'])

/** Finds where the attributes of a node make the secret of another readable. */
export function revealedSecrets(graph: Graph, evaluation: GraphEvaluation, id: string): Pick<Advice, 'revealed'> {
  return {
    revealed({ expression }: EvaluatedAttribute): Span | undefined {
      const calls: Span[] = []
      addRevealingCalls(expression, calls)
      if (calls.length === 0) return undefined
      const secrets = referencesOf(graph, id, expression).filter((reference) => holdsSecret(evaluation, reference))
      return calls.find(({ start, end }) => secrets.some(({ span }) => start <= span.start && span.end <= end))
    },
  }
}

function addRevealingCalls(expression: Expression, found: Span[]): void {
  if (expression.kind === 'call') {
    const name = chainOf(expression.callee)?.names.join('.')
    if (name !== undefined && revealing.has(name)) found.push(expression.span)
  }
  for (const child of children(expression)) addRevealingCalls(child, found)
}

function referencesOf(graph: Graph, id: string, expression: Expression): readonly NodeReference[] {
  for (const [statement, { references }] of graph.bindings.get(id) ?? []) {
    if (statement.value === expression) return references
  }
  return []
}

/** A text that only may be secret counts: its component is what decides, and it has not run. */
function holdsSecret(evaluation: GraphEvaluation, { target, fields }: NodeReference): boolean {
  let value: Value | undefined = evaluation.valueOf(target)?.value
  for (const field of fields) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return false
    value = (value as Readonly<Record<string, Value>>)[field]
  }
  return value !== undefined && openSecret(value) !== undefined
}
