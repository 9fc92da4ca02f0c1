import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortestCycle } from './shortest-cycle.ts'
import { components } from './strong-components.ts'

const NODES_MAX = 12
const edgeLists = fc.array(fc.tuple(fc.nat(NODES_MAX), fc.nat(NODES_MAX)), { maxLength: 40 })

function graphOf(pairs: readonly (readonly [number, number])[]) {
  const edges = new Map<string, Set<string>>(Array.from({ length: NODES_MAX + 1 }, (_, i) => [String(i), new Set()]))
  for (const [from, to] of pairs) edges.get(String(from))!.add(String(to))
  return edges
}

function canReach(edges: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const found = new Set<string>()
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of edges.get(id)!) {
      if (next === to) return true
      if (found.has(next)) continue
      found.add(next)
      open.push(next)
    }
  }
  return false
}

test('components() groups nodes that reach each other, dependencies first', () => {
  fc.assert(
    fc.property(edgeLists, (pairs) => {
      const edges = graphOf(pairs)
      const groups = components(edges.keys(), (id) => edges.get(id)!)
      const groupOf = new Map(groups.flatMap((members, index) => members.map((id) => [id, index] as const)))
      expect([...groupOf.keys()].sort()).toEqual([...edges.keys()].sort())
      for (const a of edges.keys()) {
        for (const b of edges.keys()) {
          const together = a === b || (canReach(edges, a, b) && canReach(edges, b, a))
          expect(groupOf.get(a) === groupOf.get(b)).toBe(together)
        }
        for (const b of edges.get(a)!) expect(groupOf.get(b)!).toBeLessThanOrEqual(groupOf.get(a)!)
      }
    }),
  )
})

test('shortestCycle() walks edges and ends where it began', () => {
  fc.assert(
    fc.property(edgeLists, fc.nat(NODES_MAX), (pairs, start) => {
      const edges = graphOf(pairs)
      const id = String(start)
      const cycle = shortestCycle(id, (each) => edges.get(each)!, new Set(edges.keys()))
      expect(cycle !== undefined).toBe(canReach(edges, id, id))
      for (const [index, at] of (cycle ?? []).entries()) {
        if (index > 0) expect(edges.get(cycle![index - 1]!)!.has(at)).toBe(true)
      }
      if (cycle) expect([cycle[0], cycle.at(-1)]).toEqual([id, id])
    }),
  )
})

test('components() goes deeper than the call stack', () => {
  const ids = Array.from({ length: 50_000 }, (_, i) => String(i))
  const next = (id: string) => (Number(id) + 1 < ids.length ? [String(Number(id) + 1)] : [])
  expect(components(ids, next)[0]).toEqual(['49999'])
})
