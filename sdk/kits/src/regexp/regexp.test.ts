import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileRegexp } from './compile-regexp.ts'
import { compileTemplate, expandTemplate } from './template.ts'
import { RegexpError } from './translate-regexp.ts'

describe('compileRegexp()', () => {
  test.each<[string, string, boolean]>([
    ['^a.c$', 'abc', true],
    ['a.c', 'a\nc', false],
    ['a.c', 'a\rc', true],
    ['(?s)a.c', 'a\nc', true],
    ['(?i)ABC', 'abc', true],
    ['a(?i)B|C', 'c', true],
    ['a(?i:b)c', 'aBc', true],
    ['a(?i:b)c', 'aBC', false],
    ['(?i:a(?-i:b))', 'AB', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['a$', 'a\n', false],
    ['\\Aab\\z', 'ab', true],
    ['[[:alpha:]]+\\d', 'xyz9', true],
    ['^[[:^digit:]]$', '5', false],
    ['^[]a]$', ']', true],
    ['^[^]a]$', ']', false],
    ['^[a\\-z]$', '-', true],
    ['^[a-]$', '-', true],
    ['^\\pL+$', 'äß', true],
    ['^\\p{Greek}$', 'λ', true],
    ['^\\PN$', '5', false],
    ['^\\p{^Lu}$', 'a', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^\\x{1F600}\\x41$', '😀A', true],
    ['^.$', '😀', true],
    ['^\\s$', '\u00a0', false],
    ['^\\S$', '\v', true],
    ['^x{,5}$', 'x{,5}', true],
    ['^a{2,3}$', 'aaa', true],
    ['^}]$', '}]', true],
    ['^(?:)*$', '', true],
    ['(?P<a>x)(?<b>y)', 'xy', true],
    ['^\\/\\-\\"$', '/-"', true],
    ['^\\101$', 'A', true],
    ['^*a', 'a', true],
  ])('%s on %j: %s', (pattern, text, wanted) => {
    expect(compileRegexp(pattern).test(text)).toBe(wanted)
  })

  test.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    '(a)\\1',
    'a**',
    '*a',
    '(a',
    'a)',
    '[a',
    '[b-a]',
    '\\y',
    'a\\',
    'a{1001}',
    '(?P<1>a)',
    '(?x)a',
    '\\Z',
    '[[:foo:]]',
    '\\p{Nope}',
    '(?P<a>x)|(?P<a>y)',
    '(?:a{100}){11}',
    `${'('.repeat(1001)}${')'.repeat(1001)}`,
  ])('refuses %s', (pattern) => {
    expect(() => compileRegexp(pattern)).toThrow(RegexpError)
  })

  test.each<[string, string]>([
    ['ab(?=c)', '(?='],
    ['(?<!x)y', '(?<!'],
    ['*.log', '*'],
    ['(ab', '('],
    ['ab)c', ')'],
    ['x[a', '['],
    ['x[b-a]y', 'b-a'],
    ['(a)\\1', '\\1'],
    ['a\\Zb', '\\Z'],
    ['(?P<a b>x)', 'a b'],
    ['[[:foo:]]', '[:foo:]'],
    ['x\\p{Nope}', '\\p{Nope}'],
    ['a+**', '*'],
  ])('says where %s goes wrong: at %s', (pattern, part) => {
    const { start, end } = mistakeOf(pattern)
    expect(pattern.slice(start, end)).toBe(part)
  })

  test('accepts repetitions in each other up to the bound of RE2', () => {
    expect(() => compileRegexp('(?:a{100}){10}b{1000}(?:(?:c*){1000})')).not.toThrow()
  })

  test('says of any text either where it goes wrong, or nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'()[]{}|*+?^$\\.-:=!<>PpQEdwxaZ019,ä'.split('')) }),
        (pattern) => {
          try {
            compileRegexp(pattern)
          } catch (error) {
            const { start, end } = (error as RegexpError).mistake
            expect(start >= 0 && start <= end && end <= pattern.length).toBe(true)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('swaps greedy and lazy under (?U)', () => {
    expect(compileRegexp('(?U)a+').exec('aaa')?.[0]).toBe('a')
    expect(compileRegexp('(?U)a+?').exec('aaa')?.[0]).toBe('aaa')
  })

  test('matches quoted text exactly, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\\E') && !text.endsWith('\\'))
        expect(compileRegexp(`\\Q${text}\\E`, { anchored: true }).test(text)).toBe(true)
      }),
    )
  })

  test('throws only RegexpError on any pattern', () => {
    const piece = fc.constantFrom(
      'a',
      '(',
      ')',
      '[',
      ']',
      '*',
      '+',
      '?',
      '{',
      '}',
      '1',
      ',',
      '\\',
      '|',
      '^',
      '$',
      '.',
      '-',
      ':',
      '(?i)',
      '(?P<n>',
      'p',
      'd',
      '😀',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          compileRegexp(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(RegexpError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('expandTemplate()', () => {
  const match = compileRegexp('(?P<first>a)(b)?(c)').exec('ac')!
  test.each<[string, string]>([
    ['$1-$3', 'a-c'],
    ['${1}x', 'ax'],
    ['$1x', ''],
    ['$first', 'a'],
    ['$$1', '$1'],
    ['$2', ''],
    ['$9', ''],
    ['$', '$'],
    ['${', '${'],
    ['a$-b', 'a$-b'],
  ])('%s gives %j', (template, wanted) => {
    expect(expandTemplate(compileTemplate(template), match)).toBe(wanted)
  })
})

function mistakeOf(pattern: string): RegexpError['mistake'] {
  try {
    compileRegexp(pattern)
  } catch (error) {
    return (error as RegexpError).mistake
  }
  throw new Error(`${pattern} is accepted`)
}
