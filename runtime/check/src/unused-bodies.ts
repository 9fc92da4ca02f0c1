import { evaluateGraph, type LiveExports } from '@ingot/graph'
import type { Diagnostic, ObjectValue } from '@ingot/syntax'
import type { EvaluatedExpansion } from './evaluate-items.ts'
import type { Graph, GraphEvaluation, Linked } from '@ingot/graph'

/**
 * What is wrong in bodies of declares that nothing instantiates, and in templates without items, whatever their arguments
 * and items will be: a value that nobody knows fits everywhere. Alloy does not look into them before they are
 * instantiated, and such a configuration runs, so that all of it is warnings.
 * @param check the nodes of a graph
 */
export function unusedBodyMistakes(
  { graph, diagnostics }: Linked,
  { evaluation }: EvaluatedExpansion,
  live: (graph: Graph) => LiveExports,
  globals: ObjectValue,
  check: (evaluation: GraphEvaluation) => readonly Diagnostic[],
): Diagnostic[] {
  if (graph.order.length === 0) return diagnostics.map(asWarning)
  const evaluated = evaluateGraph(graph, live(graph), { globals, around: evaluation })
  return [...diagnostics, ...check(evaluated)].map(asWarning)
}

function asWarning(found: Diagnostic): Diagnostic {
  return { ...found, severity: 'warning' }
}
