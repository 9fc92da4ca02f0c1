import { describe, expect, test } from 'vitest'
import { expressionOf } from '../testing/evaluate-text.ts'
import { chainOf, references } from './references.ts'

const chains = (text: string) => references(expressionOf(text)).map(({ names }) => names.join('.'))

describe('references()', () => {
  test.each([
    ['1', []],
    ['a', ['a']],
    ['a.b.c', ['a.b.c']],
    ['a.b["c"].d', ['a.b']],
    ['a[b.c]', ['a', 'b.c']],
    ['f.g(a, [b.c, {k = d}])', ['f.g', 'a', 'b.c', 'd']],
    ['f(a).b', ['f', 'a']],
    ['(a.b).c', ['a.b']],
    ['-a + !b == c ^ d.e', ['a', 'b', 'c', 'd.e']],
  ])('of %s are %j', (text, expected) => {
    expect(chains(text)).toEqual(expected)
  })

  test('know where each name stands', () => {
    const [found] = references(expressionOf('[ab . cd]'))
    // The text of the attribute begins with "x = ".
    expect(found).toMatchObject({
      span: { start: 5, end: 12 },
      spans: [
        { start: 5, end: 7 },
        { start: 10, end: 12 },
      ],
    })
  })
})

test('chainOf() is only for names and dots', () => {
  expect(chainOf(expressionOf('a.b'))?.names).toEqual(['a', 'b'])
  expect(chainOf(expressionOf('(a).b'))).toBeUndefined()
  expect(chainOf(expressionOf('a["b"]'))).toBeUndefined()
})
