import { diagnose, type Diagnostic } from '@ingot/syntax'
import type { Graph, NodeReference } from '../node.ts'
import { shortestCycle } from './shortest-cycle.ts'

/** What is wrong with nodes that depend on each other, or with one that depends on itself; nothing if they do not. */
export function cycleDiagnostic(members: readonly string[], graph: Graph): Diagnostic[] {
  if (members.length === 1 && !graph.dependencies.get(members[0]!)!.has(members[0]!)) return []
  const inside = new Set(members)
  const first = firstInSource(inside, graph)
  const cycle = shortestCycle(first, (id) => graph.dependencies.get(id)!, inside)
  if (!cycle) return []
  const node = graph.nodes.get(first)!
  const steps = cycle.slice(0, -1).flatMap((id) => {
    const reference = referenceInto(id, inside, graph)
    return reference ? [{ id, reference, file: graph.nodes.get(id)!.file }] : []
  })
  const way = cycle.filter((id) => isShown(id, graph, inside))
  const circle = way.join(' → ')
  const message =
    members.length === 1
      ? `Cannot evaluate ${first}: it refers to itself`
      : `Cannot evaluate ${first}: it depends on itself through ${way.slice(1, -1).join(', ')}`
  const [start, ...others] = steps
  const place = start ? { file: start.file, span: start.reference.span } : { file: node.file, span: node.block.head }
  const related = others.map(({ id, reference, file }) => ({
    message: `${id} refers to ${reference.target} here`,
    file,
    span: reference.span,
  }))
  return [{ ...diagnose('cycle', place, message, { circle }), ...(related.length > 0 && { related }) }]
}

/** Arguments and exports of a custom component that is itself on the circle add nothing to read. */
function isShown(id: string, { nodes }: Graph, inside: ReadonlySet<string>): boolean {
  const { kind, moduleID } = nodes.get(id)!
  return (kind !== 'argument' && kind !== 'export') || !inside.has(moduleID)
}

/** A component rather than an argument or export of one: that is what the user wrote names for. */
function firstInSource(inside: ReadonlySet<string>, graph: Graph): string {
  const ordered = [...graph.nodes.keys()].filter((id) => inside.has(id))
  return ordered.find((id) => graph.nodes.get(id)!.moduleID === '') ?? ordered[0]!
}

/** The reference of a node, by its own block, to another node of the circle. */
function referenceInto(id: string, inside: ReadonlySet<string>, graph: Graph): NodeReference | undefined {
  for (const { references } of graph.bindings.get(id)!.values()) {
    const found = references.find(({ target }) => inside.has(target))
    if (found) return found
  }
  return undefined
}
