/** Places components left to right in the direction of the data. Pure arithmetic; units are CSS pixels. */
export interface GraphNode {
  readonly id: string
}
export interface GraphEdge {
  readonly from: string
  readonly to: string
}
export interface PlacedNode {
  readonly id: string
  readonly x: number
  readonly y: number
}
export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly width: number
  readonly height: number
}

export const nodeSize = { width: 236, height: 62 } as const
const gap = { x: 132, y: 26 } as const
const margin = 12

/** Layers by the longest way from a source; within a layer by the mean place of what feeds it, which keeps lines short. */
export function layoutGraph(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Layout {
  const layers = assignLayers(nodes, edges)
  const rows = new Map<string, number>()
  const columns: string[][] = []
  for (const { id } of nodes) (columns[layers.get(id)!] ??= []).push(id)
  for (const column of columns) {
    const wanted = (id: string) => {
      const feeders = edges.filter((edge) => edge.to === id && rows.has(edge.from)).map((edge) => rows.get(edge.from)!)
      return feeders.length === 0 ? column.indexOf(id) : feeders.reduce((sum, row) => sum + row, 0) / feeders.length
    }
    column.sort((a, b) => wanted(a) - wanted(b)).forEach((id, row) => rows.set(id, row))
  }
  const placed = nodes.map(({ id }) => ({
    id,
    x: margin + layers.get(id)! * (nodeSize.width + gap.x),
    y: margin + rows.get(id)! * (nodeSize.height + gap.y),
  }))
  return {
    nodes: placed,
    width: Math.max(0, ...placed.map((node) => node.x + nodeSize.width)) + margin,
    height: Math.max(0, ...placed.map((node) => node.y + nodeSize.height)) + margin,
  }
}

function assignLayers(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]))
  // The graph has no cycles, so as many passes as there are nodes settle every layer.
  for (let pass = 0; pass < nodes.length; pass++) {
    let moved = false
    for (const { from, to } of edges) {
      const layer = (layers.get(from) ?? 0) + 1
      if (layers.has(to) && layers.get(to)! < layer) {
        layers.set(to, layer)
        moved = true
      }
    }
    if (!moved) break
  }
  return layers
}
