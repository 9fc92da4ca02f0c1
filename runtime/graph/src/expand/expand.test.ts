import { parse } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { codesOf, expandText } from '../testing/expand-text.ts'
import { expand } from './expand.ts'

describe('expand()', () => {
  test('puts the inside of custom components into the graph, under the id of the instance', () => {
    const { graph, diagnostics } = expandText(`
declare "outer" {
  argument "in" { }
  declare "inner" {
    argument "in" { }
    c.x "leaf" { a = argument.in.value }
    export "out" { value = c.x.leaf.v }
  }
  inner "i" { in = argument.in.value }
  export "out" { value = inner.i.out }
}
outer { in = c.y.source.v }
c.y "source" { }
c.y "sink" { a = outer.out }
`)
    expect(diagnostics).toEqual([])
    expect([...graph.nodes.keys()]).toEqual([
      'outer',
      'outer/argument.in',
      'outer/inner.i',
      'outer/inner.i/argument.in',
      'outer/inner.i/c.x.leaf',
      'outer/inner.i/export.out',
      'outer/export.out',
      'c.y.source',
      'c.y.sink',
    ])
    expect(graph.nodes.get('outer/inner.i/c.x.leaf')).toMatchObject({
      localID: 'c.x.leaf',
      moduleID: 'outer/inner.i',
      name: 'c.x',
      label: 'leaf',
      component: 'c.x',
    })
    expect([...graph.dependencies.get('c.y.sink')!]).toEqual(['outer'])
    expect([...graph.dependencies.get('outer/argument.in')!]).toEqual(['c.y.source'])
  })

  test('takes several files as one configuration, and finds names that both of them use', () => {
    const files = ['a.alloy', 'b.alloy'].map((name) => parse(name, 'c.x "same" { }\n').file)
    const input = { modulePath: '', components: new Set(['c.x']), globals: new Set<string>(), imports: new Map() }
    const { diagnostics } = expand({ files, ...input })
    expect(diagnostics).toMatchObject([{ code: 'duplicate-block', file: 'b.alloy', related: [{ file: 'a.alloy' }] }])
  })

  test('refuses attributes where only blocks may stand, once for each declare', () => {
    const { diagnostics } = expandText('a = 1\ndeclare "x" {\n  b = 2\n}\nx "one" { }\nx "two" { }\n')
    expect(diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'top-level-attribute: Cannot set "a" outside of blocks',
      'unknown-argument: Cannot set "b" on declare "x": want only blocks',
    ])
  })

  test('lets an inner declare hide an outer one and see its siblings', () => {
    const { graph, diagnostics } = expandText(`
declare "a" { c.x "outer" { } }
declare "b" {
  declare "a" { sibling "s" { } }
  declare "sibling" { c.y "found" { } }
  a "x" { }
}
b "y" { }
`)
    expect(diagnostics).toEqual([])
    expect(graph.nodes.has('b.y/a.x/sibling.s/c.y.found')).toBe(true)
  })

  test('keeps outer components, and what is inside of others, out of reach', () => {
    const { diagnostics } = expandText(`
c.x "outside" { }
declare "d" {
  c.x "inside" { a = c.x.outside.v }
}
d "i" { }
c.x "other" { a = c.x.inside.v }
c.x "third" { a = argument.x.value }
`)
    expect(codesOf(diagnostics)).toEqual(['missing-reference', 'missing-reference', 'missing-reference'])
  })

  test('stops at a declare that contains itself, however it does', () => {
    const direct = expandText('declare "a" { a "x" { } }\na "y" { }')
    expect(codesOf(direct.diagnostics)).toEqual(['cycle'])
    const through = expandText(
      'declare "a" { b "x" { } }\ndeclare "b" { declare "c" { a "x" { } }\n c "y" { } }\na "z" { }',
    )
    expect(codesOf(through.diagnostics)).toEqual(['cycle'])
  })

  test('bounds what declares that double at each level become', () => {
    const levels = Array.from({ length: 20 }, (_, i) => `declare "d${i}" {\n d${i + 1} "a" { }\n d${i + 1} "b" { }\n }`)
    const { diagnostics } = expandText(`${levels.join('\n')}\ndeclare "d20" { }\nd0 "x" { }\n`)
    expect(codesOf(diagnostics)).toEqual(['too-deep'])
  })

  test('bounds imports that import each other', () => {
    const loop = parse('loop.alloy', 'import.string "next" { content = "" }\n').file
    const imports = new Map()
    for (let i = 0, id = 'import.string.next'; i < 100; i++, id += '/import.string.next') {
      imports.set(id, { kind: 'files', files: [loop], modulePath: '' })
    }
    const { diagnostics, neededImports } = expandText('import.string "next" { content = "" }\n', imports)
    expect(codesOf(diagnostics)).toEqual(['too-deep'])
    expect(neededImports).toEqual([])
  })

  test('keeps the first of two declares of imported files, with a warning', () => {
    const files = [parse('lib.alloy', 'declare "d" { c.x "first" { } }\ndeclare "d" { c.x "second" { } }\n').file]
    const imports = new Map([['import.string.lib', { kind: 'files' as const, files, modulePath: '' }]])
    const { graph, diagnostics } = expandText('import.string "lib" { content = "" }\nlib.d "x" { }\n', imports)
    expect(diagnostics).toMatchObject([{ code: 'duplicate-block', severity: 'warning' }])
    expect(graph.nodes.has('lib.d.x/c.x.first')).toBe(true)
  })
})
