import { describe, expect, test } from 'vitest'
import { opened } from '../testing/configurations.ts'
import { referenceProposals } from '../complete/reference-proposals.ts'
import { partAt } from '../source/scope-part.ts'
import { definition } from './definition.ts'
import { hover } from './hover.ts'
import { rename, RenameError, renamingAt } from './rename.ts'

const text = `c.y "each" { }

foreach "outer" {
	collection = [1]
	var        = "each"

	template {
		c.x "one" {
			a = each.name
			b = [each, c.y.each.v]
		}

		foreach "inner" {
			collection = each.list
			var        = "part"

			template {
				c.x "two" {
					a = each.name + part
				}
			}
		}

		foreach "hidden" {
			collection = []
			var        = "each"

			template {
				c.x "three" {
					a = each
				}
			}
		}
	}
}
`

const { names, set, sources } = opened(text)
const source = sources[0]!
const offsets = (piece: string): number[] =>
  [...text.matchAll(new RegExp(`\\b${piece}\\b`, 'g'))].map(({ index }) => index)
/** Where the outer item is named: its definition, and what refers to it. */
const [, given, ...others] = offsets('each')
const uses = [others[0]!, others[1]!, others[3]!, others[4]!]

describe('the item of a foreach', () => {
  test('is defined where its name is written', () => {
    for (const offset of [given!, ...uses]) {
      expect(definition(names, set, source, offset).map(({ span }) => span)).toEqual([
        { start: given, end: given! + 4 },
      ])
    }
  })

  test('is renamed where templates mean it, and nowhere else', () => {
    for (const offset of [given!, ...uses]) {
      const renaming = renamingAt(names, set, source, offset)!
      const found = rename(names, [set], renaming, 'item').map(({ span }) => span.start)
      expect(found.toSorted((a, b) => a - b)).toEqual([given!, ...uses])
    }
    const hidden = renamingAt(names, set, source, others.at(-1)!)!
    expect(rename(names, [set], hidden, 'item')).toHaveLength(2)
  })

  test('is not renamed to a name that something in its template uses', () => {
    const renaming = renamingAt(names, set, source, given!)!
    expect(() => rename(names, [set], renaming, 'part')).toThrow(RenameError)
    expect(() => rename(names, [set], renaming, 'c')).toThrow(RenameError)
    expect(() => rename(names, [set], renaming, 'a-b')).toThrow(RenameError)
  })

  test('says what it is, and is proposed inside of its template alone', () => {
    expect(JSON.stringify(hover(names, set, source, uses[0]!))).toContain(
      'The item that the template is instantiated for.',
    )
    const proposed = (offset: number) => {
      const place = { set, part: partAt(source.root, offset) }
      const options = { wanted: undefined, inList: false, own: undefined, source }
      return [...referenceProposals(names, place, options)].map(({ label }) => label)
    }
    expect(proposed(uses[0]!)).toContain('each')
    expect(proposed(text.indexOf('a = each.name + part'))).toEqual(
      expect.arrayContaining(['part', 'each', 'c.x.one.v']),
    )
    expect(proposed(0)).not.toContain('each')
  })
})
