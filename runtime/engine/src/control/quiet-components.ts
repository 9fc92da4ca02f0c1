import type { FamilySnapshot } from '@ingot/capabilities'
import type { GraphEvaluation } from '@ingot/graph'

/** The components made of items whose foreach does not enable metrics, nor one around it that does not. */
export function quietComponents({ graph, results }: GraphEvaluation): ReadonlySet<string> {
  const modules = new Set<string>()
  const found = new Set<string>()
  // What is around stands before what is inside.
  for (const node of graph.nodes.values()) {
    const { id, kind, moduleID } = node
    const isQuiet = modules.has(moduleID)
    if (kind === 'component' && isQuiet) found.add(id)
    if (kind === 'custom' && isQuiet) modules.add(id)
    if (node.kind !== 'foreach') continue
    const enabled = results.get(id)!.block.attributes.find(({ name }) => name === 'enable_metrics')
    if (isQuiet || enabled?.value !== true) for (const item of node.items) modules.add(item)
  }
  return found
}

/** Without the series of components, and of the edges that begin at them. */
export function withoutComponents(
  families: readonly FamilySnapshot[],
  hidden: ReadonlySet<string>,
): readonly FamilySnapshot[] {
  if (hidden.size === 0) return families
  return families.flatMap((family) => {
    const series = family.series.filter(({ labels }) => {
      return !hidden.has(labels['component_id'] ?? '') && !hidden.has(labels['from'] ?? '')
    })
    // A family that has no series but the hidden ones would be a name without a value.
    return series.length === 0 && family.series.length > 0 ? [] : [{ ...family, series }]
  })
}
