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
export function layoutGraph(nodes: readonly GraphNode[], allEdges: readonly GraphEdge[]): Layout {
  const edges = withoutCircles(nodes, allEdges)
  const layers = assignLayers(nodes, edges)
  const rows = new Map<string, number>()
  const columns: string[][] = []
  for (const { id } of nodes) (columns[layers.get(id)!] ??= []).push(id)
  for (const column of columns) {
    const wanted = new Map(column.map((id, at) => [id, meanRowOfFeeders(id, edges, rows) ?? at]))
    let free = 0
    for (const id of column.toSorted((a, b) => wanted.get(a)! - wanted.get(b)!)) {
      const row = Math.max(free, Math.floor(wanted.get(id)!))
      rows.set(id, row)
      free = row + 1
    }
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

/** Of what feeds a node and has a row already; `undefined` when nothing does. */
function meanRowOfFeeders(
  id: string,
  edges: readonly GraphEdge[],
  rows: ReadonlyMap<string, number>,
): number | undefined {
  const feeders = edges.flatMap(({ from, to }) => (to === id && rows.has(from) ? [rows.get(from)!] : []))
  return feeders.length === 0 ? undefined : feeders.reduce((sum, row) => sum + row, 0) / feeders.length
}

function assignLayers(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]))
  // There are no circles, so as many passes as there are nodes settle every layer.
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

/** A configuration that does not hold may have circles: the edges that close one count for nothing here. */
function withoutCircles(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphEdge[] {
  const leaving = Map.groupBy(edges, ({ from }) => from)
  const state = new Map<string, 'open' | 'done'>()
  const kept: GraphEdge[] = []
  for (const { id } of nodes) {
    if (state.has(id)) continue
    state.set(id, 'open')
    const work = [{ id, rest: (leaving.get(id) ?? []).values() }]
    for (let at = work.at(-1); at; at = work.at(-1)) {
      const { value: edge, done } = at.rest.next()
      if (done) {
        state.set(at.id, 'done')
        work.pop()
        continue
      }
      if (state.get(edge.to) !== 'open') kept.push(edge)
      if (state.has(edge.to)) continue
      state.set(edge.to, 'open')
      work.push({ id: edge.to, rest: (leaving.get(edge.to) ?? []).values() })
    }
  }
  return kept
}
