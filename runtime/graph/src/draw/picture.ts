import type { GraphEvaluation } from '../evaluate/graph-evaluation.ts'

/** What there is to draw of a configuration. */
export interface Picture {
  /** The root first, then the inside of each custom component, and what each item of a foreach is. */
  readonly groups: readonly PictureGroup[]
}
/** The components of one module instance, and where data goes between them. */
export interface PictureGroup {
  /** `''` for the root; the id of the custom component for its inside; of the item for what is made of it. */
  readonly id: string
  readonly nodes: readonly PictureNode[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}
export interface PictureNode {
  /** Unique in the configuration. */
  readonly id: string
  /** `prometheus.scrape`. */
  readonly name: string
  readonly label: string
  /** A custom component, whose inside is a group, or a foreach, whose items are. */
  readonly custom: boolean
}

const drawn: ReadonlySet<string> = new Set(['component', 'custom', 'foreach', 'pending'])

/** The components of a configuration, whether or not all of it holds. */
export function pictureOf(evaluation: GraphEvaluation): Picture {
  const { nodes } = evaluation.graph
  const groups = new Map<string, { id: string; nodes: PictureNode[]; edges: { from: string; to: string }[] }>()
  groups.set('', { id: '', nodes: [], edges: [] })
  for (const { id, kind, moduleID, name, label = '' } of nodes.values()) {
    if (!drawn.has(kind)) continue
    const group = groups.get(moduleID) ?? { id: moduleID, nodes: [], edges: [] }
    groups.set(moduleID, group)
    group.nodes.push({ id, name, label, custom: kind === 'custom' || kind === 'foreach' })
    for (const local of evaluation.facts(id).dataFlowEdgesTo) {
      const to = moduleID === '' ? local : `${moduleID}/${local}`
      if (drawn.has(nodes.get(to)?.kind ?? '')) group.edges.push({ from: id, to })
    }
  }
  return { groups: [...groups.values()] }
}
