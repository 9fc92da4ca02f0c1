import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutGraph, nodeSize } from './layout.ts'

const nodes = (...ids: string[]) => ids.map((id) => ({ id }))

test('layoutGraph() places every component right of all that send to it', () => {
  const edges = [
    { from: 'source', to: 'steps' },
    { from: 'steps', to: 'sink' },
    { from: 'source', to: 'sink' },
  ]
  const { nodes: placed } = layoutGraph(nodes('sink', 'steps', 'source'), edges)
  const x = (id: string) => placed.find((node) => node.id === id)!.x
  expect(x('source')).toBeLessThan(x('steps'))
  expect(x('steps')).toBeLessThan(x('sink'))
})

test('layoutGraph() of nothing is small and empty', () => {
  expect(layoutGraph([], []).nodes).toEqual([])
})

test('layoutGraph() keeps rows of parallel pipelines, so that their lines do not cross', () => {
  const edges = ['a', 'b', 'c'].map((name) => ({ from: `in ${name}`, to: `out ${name}` }))
  const { nodes: placed } = layoutGraph(nodes('out c', 'out b', 'out a', 'in a', 'in b', 'in c'), edges)
  const y = (id: string) => placed.find((node) => node.id === id)!.y
  for (const name of ['a', 'b', 'c']) expect(y(`out ${name}`)).toBe(y(`in ${name}`))
})

test('layoutGraph() draws a longer pipeline straight on beside a shorter one', () => {
  const edges = [
    { from: 'scrape', to: 'remote' },
    { from: 'file', to: 'redact' },
    { from: 'redact', to: 'push' },
  ]
  const { nodes: placed } = layoutGraph(nodes('scrape', 'remote', 'file', 'redact', 'push'), edges)
  const y = (id: string) => placed.find((node) => node.id === id)!.y
  expect(y('push')).toBe(y('redact'))
})

test('layoutGraph() never lets two components overlap, and keeps all inside the picture', () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      // From lower to higher, so that there is no cycle.
      pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
    }),
  )
  fc.assert(
    fc.property(graph, ({ count, pairs }) => {
      const all = Array.from({ length: count }, (_, i) => ({ id: String(i) }))
      const edges = pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: String(a), to: String(b) }))
      const { nodes: placed, width, height } = layoutGraph(all, edges)
      expect(placed).toHaveLength(count)
      for (const [i, a] of placed.entries()) {
        expect(a.x + nodeSize.width).toBeLessThanOrEqual(width)
        expect(a.y + nodeSize.height).toBeLessThanOrEqual(height)
        for (const b of placed.slice(i + 1)) {
          expect(Math.abs(a.x - b.x) >= nodeSize.width || Math.abs(a.y - b.y) >= nodeSize.height).toBe(true)
        }
      }
      const x = new Map(placed.map((node) => [node.id, node.x]))
      for (const { from, to } of edges) expect(x.get(from)!).toBeLessThan(x.get(to)!)
    }),
  )
})

test('layoutGraph() draws circles too', () => {
  const edges = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
    { from: 'b', to: 'b' },
    { from: 'b', to: 'c' },
  ]
  const { nodes: placed } = layoutGraph(nodes('a', 'b', 'c'), edges)
  expect(new Set(placed.map(({ x }) => x)).size).toBe(3)
})
