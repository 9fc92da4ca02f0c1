import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderDiagnostics } from '../diagnose/render-diagnostics.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { references } from '../evaluate/references.ts'
import { print } from '../print/print.ts'
import { configuration } from '../testing/random-source.ts'
import { tree } from '../testing/tree.ts'
import { parse } from './parse.ts'

const codesOf = (text: string) => parse('a', text).diagnostics.map(({ code }) => code)

describe('parse()', () => {
  test('gives names, labels, values and their places', () => {
    const text = 'prometheus.scrape "api" {\n\ttargets = [{a = 1}] // all\n}\n'
    const { file, diagnostics } = parse('a.alloy', text)
    const block = file.body.statements[0]
    expect(diagnostics).toEqual([])
    expect(tree(file)).toEqual([
      ['{}', ['prometheus', 'scrape'], 'api', [['=', 'targets', ['[]', [['{}', [['a', ['literal', 1n]]]]]]]]],
    ])
    if (block?.kind !== 'block') throw new Error('not a block')
    expect(text.slice(block.head.start, block.head.end)).toBe('prometheus.scrape "api"')
    expect(text.slice(block.span.start, block.span.end)).toBe(text.trimEnd())
    expect(text.slice(block.label!.span.start, block.label!.span.end)).toBe('"api"')
    const start = text.indexOf('//')
    expect(file.comments).toEqual([{ text: '// all', start, end: start + 6 }])
  })

  test.each([
    ['a { b = 1 }', []],
    ['a { }\nb { }', []],
    ['a { } b { }', ['unexpected-token']],
    ['a = 1 +\n2', []],
    ['a = 1\n+ 2', ['unexpected-token']],
    ['a = b\n.c', ['unexpected-token']],
    ['a = b.\nc', []],
    ['a = f(\n1,\n)', []],
    ['a = f(1,)', []],
    ['a = f(1\n)', ['missing-comma']],
    ['a = [1, 2,]', []],
    ['a = {b = 1,\nc = 2}', []],
    ['a = {b = 1 c = 2}', ['unexpected-token']],
    ['a = {b: 1}', ['illegal-character']],
    ['a = {true = 1}', ['unexpected-token']],
    ['a = {"true" = 1}', []],
    ['a = {}', []],
    ['a = {,}', ['unexpected-token']],
    ['a = [,]', ['unexpected-token']],
    ['a "" { }', []],
    ['a "b c" { }', ['invalid-label']],
    ['a "\\u0061" { }', ['invalid-label']],
    ['true = 1', ['unexpected-token']],
    ['a.true { }', ['unexpected-token']],
    ['a = 1 /* x */ b = 2', ['unexpected-token']],
    ['a = 1 /* x\n */ b = 2', []],
    ['a = "\\\'"', ['invalid-escape']],
    ['a = "\\U00110000"', ['invalid-escape']],
    ['a = 0x10', ['unexpected-token']],
    ['a = 1_000', ['unexpected-token']],
    ['a = 1e+', ['invalid-number']],
    ['a = 1 ; b = 2', ['illegal-character']],
    ['/* a /* b */ c = 1', []],
    ['\uFEFFa = 1', []],
    ['a = 1\uFEFF', ['illegal-character']],
    ['// \0', ['illegal-character']],
    ['a = 1 // no newline', []],
    ['', []],
  ])('reads %j with %j', (text, codes) => {
    expect(codesOf(text)).toEqual(codes)
  })

  test('goes on after every broken statement', () => {
    const { file } = parse('a', 'a { b = = }\nc { d = 1\n e = [1 2]\n f = 2 }\ng { ')
    expect(tree(file)).toEqual([
      ['{}', ['a'], '', []],
      [
        '{}',
        ['c'],
        '',
        [
          ['=', 'd', ['literal', 1n]],
          ['=', 'f', ['literal', 2n]],
        ],
      ],
      ['{}', ['g'], '', []],
    ])
  })

  test('reports one mistake for each line, in order', () => {
    const { diagnostics } = parse('a', '$ $ $\n1 2 3\n\na = = =\n')
    expect(diagnostics.map(({ span }) => span!.start)).toEqual([0, 6, 17])
  })
})

describe('parse() of anything', () => {
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ',',
    '.',
    '=',
    '==',
    '+',
    '-',
    '!',
    '^',
    '\n',
    ' ',
    '"',
    '`',
    '//',
    '/*',
    '*/',
    '\\',
    "'",
    '#',
  ]
  const words = [
    'a',
    'b.c',
    '"x"',
    '`y`',
    '1',
    '1.5e3',
    'true',
    'null',
    '\0',
    '\uFEFF',
    '\uD800',
    '日',
    '$',
    '|',
    '\t',
    '\r\n',
    '"\\x',
  ]
  const soup = fc.array(fc.constantFrom(...tokens, ...words), { maxLength: 60 }).map((parts) => parts.join(''))
  const mutated = fc
    .tuple(
      configuration,
      fc.array(fc.tuple(fc.nat(), fc.nat(5), fc.constantFrom(...tokens, ...words)), { minLength: 1, maxLength: 4 }),
    )
    .map(([source, edits]) =>
      edits.reduce((text, [at, removed, added]) => {
        const place = at % (text.length + 1)
        return text.slice(0, place) + added + text.slice(place + removed)
      }, source),
    )

  test('never fails, points into the text, and can be printed and rendered', () => {
    fc.assert(
      fc.property(fc.oneof(soup, mutated, fc.string({ unit: 'binary' })), (source) => {
        const { file, diagnostics } = parse('a', source)
        for (const { span } of diagnostics) {
          expect(span!.start).toBeGreaterThanOrEqual(0)
          expect(span!.end).toBeGreaterThanOrEqual(span!.start)
          expect(span!.end).toBeLessThanOrEqual(source.length)
        }
        renderDiagnostics(diagnostics, new Map([['a', source]]), { color: true })
        if (diagnostics.length === 0) expect(tree(parse('a', print(file)).file)).toEqual(tree(file))
      }),
      { numRuns: 2000 },
    )
  })

  test('gives trees that everything can walk', () => {
    const sum = (left: string) => left + ' + 1'.repeat(240)
    const tall = `${'[[['.repeat(80)}(${sum(`(${sum(`(${sum('a.b')})`)})`)})${']]]'.repeat(80)}`
    const { file, diagnostics } = parse(
      'a',
      `x = ${tall}\ny = ${sum(`(${sum(`(${sum(`(${sum(`(${sum('1')})`)})`)})`)})`)}`,
    )
    expect(diagnostics.map(({ code }) => code)).toEqual(['too-deep'])
    expect(print(file)).toContain('x = [[[')
    const statement = file.body.statements[0]
    if (statement?.kind !== 'attribute') throw new Error('not an attribute')
    expect(references(statement.value)).toHaveLength(1)
    expect(evaluate(statement.value, { lookup: () => ({ b: 1n }) }, 'a')).toHaveLength(1)
  })

  // Each of these would take minutes, or overflow the stack, if the work per character grew with the text.
  const long = 50_000
  test.each([
    ['open brackets', 'a = ' + '['.repeat(long)],
    ['open parentheses closed by brackets', `a = ${'('.repeat(long)}${']'.repeat(long)}`],
    ['open braces', 'a '.concat('{ b '.repeat(long))],
    ['unary operators', `a = ${'-'.repeat(long)}1`],
    ['powers', `a = 1${' ^ 1'.repeat(long)}`],
    ['a sum', `a = 1${' + 1'.repeat(long)}`],
    ['a chain of names', `a = b${'.c'.repeat(long)}`],
    ['calls', `a = b${'()'.repeat(long)}`],
    ['broken lines', '$\n'.repeat(long)],
    ['lines in an open list', `a = [${'b\n'.repeat(long)}`],
    ['dotted names', 'a.'.repeat(long)],
    ['quotes', '"'.repeat(long)],
    ['escapes', `a = "${'\\q'.repeat(long)}"`],
    ['closing braces', '}'.repeat(long)],
  ])('ends on many %s', (_, source) => {
    const { diagnostics } = parse('a', source)
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(diagnostics.length).toBeLessThanOrEqual(1000)
    renderDiagnostics(diagnostics.slice(0, 3), new Map([['a', source]]), { color: false })
  })
})
