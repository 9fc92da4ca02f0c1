import { evaluateGraph, expand, itemsHold } from '@ingot/graph'
import type { Expanded, ExpandInput, ForeachItems, Graph, GraphEvaluation, LiveExports } from '@ingot/graph'
import type { ObjectValue } from '@ingot/syntax'

/** Each round settles one more level of foreach in foreach; modules are nested no deeper. */
const ROUNDS_MAX = 33

export interface EvaluatedExpansion {
  readonly expanded: Expanded
  readonly evaluation: GraphEvaluation
}

/**
 * Expands and evaluates until the graph has the items that its collections come to. A collection depends on nothing that
 * is made of its items, so the items of a level hold once those around it do.
 * @param input with the items of what runs: where they still hold one round is enough, and what is made of them goes on
 * while a collection has no value
 */
export function evaluateItems(
  input: ExpandInput,
  live: (graph: Graph) => LiveExports,
  globals: ObjectValue,
): EvaluatedExpansion {
  let items = input.items ?? new Map<string, ForeachItems>()
  for (let round = 1; ; round++) {
    const expanded = expand({ ...input, items })
    const evaluation = evaluateGraph(expanded.graph, live(expanded.graph), { globals })
    const found = new Map<string, ForeachItems>()
    let hold = true
    for (const node of expanded.graph.nodes.values()) {
      if (node.kind !== 'foreach') continue
      const known = evaluation.itemsOf(node.id) ?? items.get(node.id) ?? noItems
      found.set(node.id, known)
      hold &&= itemsHold(node, known)
    }
    if (hold || round === ROUNDS_MAX) return { expanded, evaluation }
    items = found
  }
}

const noItems: ForeachItems = { variable: undefined, keys: [] }
