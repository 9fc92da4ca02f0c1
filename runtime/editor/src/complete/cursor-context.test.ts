import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cursorContext } from './cursor-context.ts'

/** The context at the `|` of a text. */
function at(text: string) {
  const offset = text.indexOf('|')
  return cursorContext(text.replace('|', ''), offset)
}
const names = (text: string) => at(text).blocks.map(({ name }) => name)

describe('cursorContext()', () => {
  test('knows statements, and the dotted name that is typed', () => {
    expect(at('prom|')).toMatchObject({ where: 'statement', typed: 'prom', from: 0, blocks: [] })
    expect(at('a.b "x" {\n\tstage.|\n}')).toMatchObject({ where: 'statement', typed: 'stage.' })
    expect(at('a.b "x" {\n\tstage.js|on { }\n}')).toMatchObject({ where: 'statement', typed: 'stage.js' })
    expect(names('a.b "x" {\n\tinner {\n\t\t|')).toEqual(['a.b', 'inner'])
  })

  test('knows values, and the way to them', () => {
    expect(at('a "x" {\n\tb = |\n}')).toMatchObject({ where: 'value', attribute: 'b', steps: [] })
    expect(at('a "x" {\n\tb = [c.d, e.|\n}')).toMatchObject({ where: 'value', typed: 'e.', steps: [{ kind: 'item' }] })
    expect(at('a "x" {\n\tb = [{ c = |')).toMatchObject({ steps: [{ kind: 'item' }, { kind: 'key', name: 'c' }] })
    expect(at('a "x" {\n\tb = { "c" = |')).toMatchObject({ steps: [{ kind: 'key', name: 'c' }] })
    expect(at('a "x" {\n\tb = { |')).toMatchObject({ where: 'key', attribute: 'b' })
    expect(at('a "x" {\n\tb = f(1, |')).toMatchObject({ where: 'value', steps: [{ kind: 'other' }] })
    expect(at('a "x" {\n\tb = 1 + |')).toMatchObject({ where: 'value' })
  })

  test('knows strings and labels', () => {
    expect(at('a "x" {\n\tb = "de|"\n}')).toMatchObject({ where: 'value', quoted: true, typed: 'de' })
    expect(at('a "x" {\n\tb = "de|\n}')).toMatchObject({ where: 'value', quoted: true, typed: 'de' })
    expect(at('a.b "x|"')).toMatchObject({ where: 'label' })
  })

  test('offers nothing after a whole value and in comments', () => {
    expect(at('a "x" {\n\tb = c |')).toMatchObject({ where: 'nowhere' })
    expect(at('a "x" {\n\tb = [c] |')).toMatchObject({ where: 'nowhere' })
    expect(at('// a|')).toMatchObject({ where: 'nowhere' })
    expect(at('/* a\nb|')).toMatchObject({ where: 'nowhere' })
    expect(at('/* a */ b|')).toMatchObject({ where: 'statement', typed: 'b' })
  })

  test('goes on after lists and blocks that were never closed', () => {
    expect(at('a "x" {\n\tb = [c,\n\td = |\n}')).toMatchObject({ where: 'value', attribute: 'd', steps: [] })
    expect(at('a "x" {\n\tb = 1\n\nc.d "y" {\n\t|')).toMatchObject({ where: 'statement' })
    expect(names('a "x" {\n\tb = 1\n\nc.d "y" {\n\t|')).toEqual(['c.d'])
    expect(names('a "x" {\n\tb = [c.\n}\n\nc.d "y" {\n\t|')).toEqual(['c.d'])
  })

  test('says the same when it begins at a later statement, CRLF or not', () => {
    const before = 'a "é𝄞" {\r\n\tb = "}"\r\n}\r\n'
    const text = `${before}c.d "y" {\r\n\tb = [e.f`
    const whole = cursorContext(text, text.length)
    expect(cursorContext(text, text.length, before.length)).toEqual(whole)
    expect(whole).toMatchObject({ typed: 'e.f', from: text.length - 3 })
  })

  test('never fails, whatever the text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '=',
      ',',
      '.',
      '"',
      '`',
      '/*',
      '//',
      '\n',
      '\r\n',
      'a',
      'b',
      '𝄞',
      '\uD834',
      '1',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(), (pieces, seed) => {
        const text = pieces.join('')
        const offset = seed % (text.length + 1)
        const { from, typed } = cursorContext(text, offset)
        expect(from).toBeLessThanOrEqual(offset)
        expect(typed.length).toBeLessThanOrEqual(offset)
      }),
    )
  })
})
