import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../parse/parse.ts'
import { configuration } from '../testing/random-source.ts'
import { tree } from '../testing/tree.ts'
import { print } from './print.ts'

const folder = join(import.meta.dirname, '../../testdata/format')
const cases = readdirSync(folder).filter((name) => name.endsWith('.alloy'))

describe('print()', () => {
  test.each(cases)('formats %s', async (name) => {
    const { file, diagnostics } = parse(name, readFileSync(join(folder, name), 'utf8'))
    expect(diagnostics).toEqual([])
    await expect(print(file)).toMatchFileSnapshot(join(folder, `${name}.formatted`))
  })

  test('keeps the meaning of every configuration', () => {
    fc.assert(
      fc.property(configuration, (source) => {
        const before = parse('a', source)
        expect(before.diagnostics).toEqual([])
        const after = parse('a', print(before.file))
        expect(after.diagnostics).toEqual([])
        expect(tree(after.file)).toEqual(tree(before.file))
      }),
      { numRuns: 500 },
    )
  })

  test('keeps every comment, in order', () => {
    fc.assert(
      fc.property(configuration, (source) => {
        const before = parse('a', source).file
        const after = parse('a', print(before)).file
        expect(after.comments.map(({ text }) => text.trimEnd())).toEqual(
          before.comments.map(({ text }) => text.trimEnd()),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(configuration, (source) => {
        const once = print(parse('a', source).file)
        expect(print(parse('a', once).file)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })

  test('ends with one newline, and gives nothing for nothing', () => {
    expect(print(parse('a', '').file)).toBe('')
    expect(print(parse('a', '\n\n\n').file)).toBe('')
    expect(print(parse('a', '\uFEFFlogging { }\n\n\n').file)).toBe('logging { }\n')
    expect(print(parse('a', '// only a comment').file)).toBe('// only a comment\n')
  })
})
