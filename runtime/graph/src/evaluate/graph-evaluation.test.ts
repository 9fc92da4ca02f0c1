import type { ObjectValue, Value } from '@ingot/syntax'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandText, globals } from '../testing/expand-text.ts'
import { type EvaluatedNode, evaluateGraph } from './evaluate-graph.ts'
import type { Graph } from '../node.ts'

const declares = `
declare "halve" {
  argument "in" { }
  argument "more" {
    optional = true
    default  = 1
  }
  c.x "inner" { a = argument.in.value + argument.more.value }
  export "v" { value = argument.in.value / 2 }
  export "inner" { value = c.x.inner.v }
}
`

/** What stands at one place of a random graph: a component or an instance, and the earlier places that it refers to. */
const place = fc.record({
  custom: fc.boolean(),
  to: fc.array(fc.nat(), { maxLength: 4 }),
  field: fc.constantFrom('v', 'inner'),
})
type Place = typeof place extends fc.Arbitrary<infer T> ? T : never

/** The blocks of a random graph, shuffled: the order of the source must not matter. */
const randomGraph = fc.array(place, { minLength: 1, maxLength: 25 }).chain((places) =>
  fc.record({
    places: fc.constant(places),
    order: fc.shuffledSubarray(
      places.map((_, i) => i),
      { minLength: places.length },
    ),
  }),
)

function textOf({ places, order }: { readonly places: readonly Place[]; readonly order: readonly number[] }): string {
  const blocks = places.map(({ custom, to }, index) => {
    const earlier = index === 0 ? [] : [...new Set(to.map((target) => target % index))]
    const sum = earlier.map((target) => reference(places[target]!, target)).join(' + ') || '1'
    return custom ? `halve "n${index}" { in = ${sum} }` : `c.x "n${index}" { a = ${sum} }`
  })
  return declares + order.map((index) => blocks[index]).join('\n')
}

function reference({ custom, field }: Place, index: number): string {
  return custom ? `halve.n${index}.${field}` : `c.x.n${index}.v`
}

function exportsOf(numbers: ReadonlyMap<string, number>) {
  return { exports: (id: string): ObjectValue => ({ v: BigInt(numbers.get(id) ?? 0) }) }
}

function summary(results: Iterable<EvaluatedNode>) {
  return [...results].map(({ id, status, block }) => [
    id,
    status,
    block.attributes.map(({ name, value }) => [name, value]),
  ])
}

describe('evaluateGraph()', () => {
  test('evaluates dependencies first, whatever the order of the source', () => {
    fc.assert(
      fc.property(randomGraph, (random) => {
        const { graph, diagnostics } = expandText(textOf(random))
        expect(diagnostics).toEqual([])
        const position = new Map(graph.order.map((id, index) => [id, index]))
        expect(position.size).toBe(graph.nodes.size)
        for (const [id, dependencies] of graph.dependencies) {
          for (const dependency of dependencies) expect(position.get(dependency)!).toBeLessThan(position.get(id)!)
        }
      }),
    )
  })

  test('reevaluate() comes to what a full evaluation comes to, and touches nothing that does not depend on the change', () => {
    const changes = fc.array(fc.array(fc.record({ node: fc.nat(), value: fc.nat(5) }), { maxLength: 4 }), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(randomGraph, changes, (random, rounds) => {
        const { graph } = expandText(textOf(random))
        const components = [...graph.nodes.values()].filter(({ kind }) => kind === 'component').map(({ id }) => id)
        const numbers = new Map<string, number>()
        const live = exportsOf(numbers)
        const evaluation = evaluateGraph(graph, live, { globals })
        for (const round of rounds) {
          if (components.length === 0) return
          const changed = new Set<string>()
          for (const { node, value } of round) {
            const id = components[node % components.length]!
            numbers.set(id, value)
            changed.add(id)
          }
          const done = evaluation.reevaluate(changed)
          expect(new Set(done.map(({ id }) => id)).size).toBe(done.length)
          const reachable = reached(graph, changed)
          for (const { id } of done) expect(reachable.has(id)).toBe(true)
          const full = evaluateGraph(graph, live, { globals })
          expect(summary(evaluation.results.values())).toEqual(summary(full.results.values()))
        }
      }),
    )
  })

  test('passes a change on through a custom component only when the value changes', () => {
    const { graph } = expandText(`${declares}
c.x "source" { }
halve "h" { in = c.x.source.v }
c.y "sink" { a = halve.h.v }
`)
    const numbers = new Map([['c.x.source', 4]])
    const evaluation = evaluateGraph(graph, exportsOf(numbers), { globals })
    const after = (value: number) => {
      numbers.set('c.x.source', value)
      return evaluation.reevaluate(['c.x.source']).map(({ id }) => id)
    }
    expect(after(4)).toEqual(['halve.h/argument.in'])
    expect(after(5)).not.toContain('c.y.sink')
    expect(after(6)).toContain('c.y.sink')
    expect(evaluation.results.get('c.y.sink')!.block.attributes[0]!.value).toBe(3n)
  })

  test('collects the errors of all nodes, and none that follow from them', () => {
    const { graph, diagnostics } = expandText(`${declares}
c.x "a" {
  a = 1 / 0
  b = "x" * 2
}
halve "h" { in = 1 / 0 }
c.x "b" { a = halve.h.v + 1 }
c.x "c" { a = c.x.a.v }
`)
    expect(diagnostics).toEqual([])
    const { results, diagnostics: found } = evaluateGraph(graph, exportsOf(new Map()), { globals })
    expect(found.map(({ code }) => code)).toEqual(['division-by-zero', 'invalid-operand', 'division-by-zero'])
    const status = (id: string) => results.get(id)!.status
    expect(status('c.x.a')).toBe('failed')
    expect(status('halve.h/c.x.inner')).toBe('skipped')
    expect(status('c.x.b')).toBe('skipped')
    expect(status('c.x.c')).toBe('ok')
  })

  test('gives attributes and nested blocks in the order of the source', () => {
    const { graph } = expandText('c.x "a" {\n one { }\n v = 1\n two.three { w = module_path }\n one { }\n }')
    const { block } = evaluateGraph(graph, exportsOf(new Map()), { globals }).results.get('c.x.a')!
    expect(block.blocks.map(({ name }) => name)).toEqual(['one', 'two.three', 'one'])
    const values: (Value | undefined)[] = block.blocks.flatMap(({ attributes }) => attributes.map(({ value }) => value))
    expect(values).toEqual(['/etc'])
  })
})

function reached(graph: Graph, from: Iterable<string>): Set<string> {
  const found = new Set<string>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const dependent of graph.dependents.get(id) ?? []) {
      if (found.has(dependent)) continue
      found.add(dependent)
      open.push(dependent)
    }
  }
  return found
}
