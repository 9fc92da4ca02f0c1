import { describe, expect, test } from 'vitest'
import { allPlaces } from '../navigate/occurrences.ts'
import { expanded, opened } from '../testing/configurations.ts'

const configurations: Readonly<Record<string, readonly string[]>> = {
  'references between files': [
    'c.x "a" {\n\ta = c.y.b.v\n}\n',
    'c.y "b" {\n\ta = c.x.c.v + c.x.c.receiver\n}\nc.x "c" { }\n',
  ],
  'modules in modules': [
    `declare "outer" {
	argument "in" { }
	declare "inner" {
		argument "in" { }
		c.x "leaf" { a = argument.in.value }
		export "out" { value = c.x.leaf.v }
	}
	inner "i" { in = argument.in.value }
	c.y "leaf" { a = inner.i.out }
	export "out" { value = inner.i.out }
}
outer "o" { in = c.y.leaf.v }
c.y "leaf" { }
c.y "sink" { a = outer.o.out }
`,
  ],
  'a custom component without a label': ['declare "d" {\n\texport "e" { value = 1 }\n}\nd { }\nc.y "a" { a = d.e }\n'],
  'templates that see what is around, and hide it': [
    `c.y "x" { }
c.y "outer" { }
declare "d" {
	argument "in" { }
	foreach "f" {
		collection = [argument.in.value, c.y.own.v]
		var        = "item"
		template {
			c.y "own" { a = argument.in.value }
			c.x "a" { a = [c.y.own.v, item.c.y.own] }
		}
	}
	c.y "own" { }
}
foreach "f" {
	collection = [c.y.x.v]
	var        = "c"
	template {
		c.y "x" { a = c.y.outer.v }
		c.y "z" { a = c.y.x.v }
		foreach "g" {
			collection = [c, c.y.x.v]
			var        = "string"
			template {
				c.x "a" { a = [c.y.x.v, c.y.outer.v, string.x] }
			}
		}
	}
}
`,
  ],
  'names that are a part of others': ['c.x "x" { a = c.y.x.v }\nc.y "x" { }\nc.y "v" { a = c.x.x.v }\n'],
}

describe('target()', () => {
  test.each(Object.entries(configurations))('finds what the graph finds: %s', (_, texts) => {
    const configuration = opened(...texts)
    const { graph, diagnostics, unused } = expanded(configuration)
    const bodies = unused()
    expect([...diagnostics, ...bodies.diagnostics].filter(({ severity }) => severity === 'error')).toEqual([])
    const wanted = new Set<string>()
    const { nodes } = bodies.graph
    for (const [id, bindings] of [...graph.bindings, ...bodies.graph.bindings]) {
      const { file } = nodes.get(id) ?? graph.nodes.get(id)!
      for (const { references } of bindings.values()) {
        for (const { target, span } of references) {
          const node = nodes.get(target) ?? graph.nodes.get(target)!
          if (node.kind === 'item') continue
          wanted.add(`${file}:${span.start} → ${node.file}:${node.block.head.start}`)
        }
      }
    }
    const found = new Set<string>()
    for (const place of allPlaces([configuration.set])) {
      for (const { names, span } of place.part.references()) {
        const target = configuration.names.target(place, names)
        if (!target) continue
        found.add(
          `${place.part.source.name}:${span.start} → ${target.place.part.source.name}:${target.block.head.start}`,
        )
      }
    }
    expect([...found].toSorted()).toEqual([...wanted].toSorted())
    expect(found.size).toBeGreaterThan(0)
  })
})

describe('meaning()', () => {
  test('finds declares of the place and around it, and what they hide', () => {
    const { names, set, sources } = opened('declare "c" { }\ndeclare "d" {\n\tdeclare "e" { }\n}\n')
    const root = { set, part: sources[0]!.root }
    const inside = { set, part: root.part.declares.get('d')! }
    expect(names.meaning(root, 'd')).toMatchObject({ kind: 'declare' })
    expect(names.meaning(root, 'e')).toBeUndefined()
    expect(names.meaning(inside, 'e')).toMatchObject({ kind: 'declare' })
    expect(names.meaning(inside, 'd')).toMatchObject({ kind: 'declare' })
    expect(names.meaning(root, 'c.x')).toBeUndefined()
    expect(names.meaning(root, 'logging')).toEqual({ kind: 'language' })
  })
})
