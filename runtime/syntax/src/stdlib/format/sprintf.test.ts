import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../value.ts'
import { sprintf } from './sprintf.ts'

const f = (spec: string, ...args: Value[]) => sprintf(spec, args)

describe('sprintf() formats', () => {
  test.each<[string, Value[], string]>([
    ['plain', [], 'plain'],
    ['100%%', [], '100%'],
    ['%v %v %v %v', [1n, 'a', true, null], '1 a true <nil>'],
    ['%v', [[1n, 'a', { b: 2n, a: null }]], '[1 a map[a:<nil> b:2]]'],
    ['%T %T %T %T %T', [1n, 1.5, 'a', [], {}], 'int float64 string []interface {} map[string]interface {}'],
    ['%d|%5d|%-5d|%05d|%+d|% d', [42n, 42n, 42n, -42n, 42n, 42n], '42|   42|42   |-0042|+42| 42'],
    ['%.5d|%8.5d|%.0d|', [42n, 42n, 0n], '00042|   00042||'],
    ['%b %o %O %x %X', [5n, 8n, 8n, 255n, 255n], '101 10 0o10 ff FF'],
    ['%#b %#o %#x %#X', [5n, 8n, 255n, 255n], '0b101 010 0xff 0XFF'],
    ['%c %q %U', [0x65e5n, 0x65e5n, 0x65e5n], "日 '日' U+65E5"],
    ['%t', [true], 'true'],
    ['%e %E %.2e', [123456.789, 0.000123, 1.0], '1.234568e+05 1.230000E-04 1.00e+00'],
    [
      '%f %F %.2f %8.3f|%-8.1f|%08.2f',
      [1.5, 2.5, 3.14159, 3.14159, 2.25, -1.5],
      '1.500000 2.500000 3.14    3.142|2.2     |-0001.50',
    ],
    ['%g %g %g %g %g', [100000.0, 1000000.0, 0.0001, 0.00001, 123456789.0], '100000 1e+06 0.0001 1e-05 1.23456789e+08'],
    ['%.3g %.3g %.10g %G', [1234.5678, 100.0, 0.1, 1e-10], '1.23e+03 100 0.1 1E-10'],
    ['%v %v %v %v', [1.0, 1e21, -0, Infinity], '1 1e+21 -0 +Inf'],
    ['%6.2f|%06d|%+v', [Number.NaN, -1n, 1.5], '   NaN|-00001|+1.5'],
    ['%s|%5s|%-5s|%.2s|%05s', ['ab', 'ab', 'ab', 'abc', 'ab'], 'ab|   ab|ab   |ab|000ab'],
    ['%q %+q %#q', ['a"b\n日', '日', 'raw'], '"a\\"b\\n日" "\\u65e5" `raw`'],
    ['%x %X %# x', ['hi', 'hi', 'hi'], '6869 6869 0x68 0x69'],
    ['%s', [['a', 'b']], '[a b]'],
    ['%[2]d %[1]d', [1n, 2n], '2 1'],
    ['%[2]*[1]d', [7n, 4n], '   7'],
    ['%*d|%-*d|%.*f', [4n, 7n, 4n, 7n, 1n, 2.55], '   7|7   |2.5'],
    ['日%d本', [1n], '日1本'],
  ])('%s', (spec, args, expected) => {
    expect(f(spec, ...args)).toBe(expected)
  })

  test.each<[string, Value[], string]>([
    ['%d', ['hi'], '%!d(string=hi)'],
    ['%s', [1n], '%!s(int=1)'],
    ['%s', [[1n, 'a']], '[%!s(int=1) a]'],
    ['%t', [1.5], '%!t(float64=1.5)'],
    ['%d', [true], '%!d(bool=true)'],
    ['%d', [null], '%!d(<nil>)'],
    ['%z', [1n], '%!z(int=1)'],
    ['%d %d', [1n], '1 %!d(MISSING)'],
    ['%d', [1n, 'x', null], '1%!(EXTRA string=x, <nil>)'],
    ['x', [1n], 'x%!(EXTRA int=1)'],
    ['%', [], '%!(NOVERB)'],
    ['%5', [1n], '%!(NOVERB)%!(EXTRA int=1)'],
    ['%[5]d', [1n], '%!d(BADINDEX)'],
    ['%[x]d', [1n], '%!d(BADINDEX)'],
    ['%*d', ['x', 1n], '%!(BADWIDTH)1'],
    ['%.*d', ['x', 1n], '%!(BADPREC)1'],
    ['%99999999d', [1n], '%!(BADWIDTH)1'],
    ['%日', [1n], '%!日(int=1)'],
  ])('mistakes in %s', (spec, args, expected) => {
    expect(f(spec, ...args)).toBe(expected)
  })

  test('rounds halves to even', () => {
    expect(f('%.0f %.0f %.0f %.0f %.1f %.1e', 0.5, 1.5, 2.5, 3.5, 0.25, 1.25)).toBe('0 2 2 4 0.2 1.2e+00')
  })

  test('gives shortest floats that read back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(f('%v', value))).toBe(value)
        expect(Number(f('%.17e', value))).toBe(value)
      }),
    )
  })

  test('agrees with toExponential() except on halves, which that rounds up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-5, max: 1e15, noNaN: true }),
        fc.integer({ min: 0, max: 40 }),
        (value, places) => {
          const dropped = value
            .toExponential(100)
            .replace('.', '')
            .slice(1 + places)
          fc.pre(!/^50*e/.test(dropped))
          expect(f(`%.${places}e`, value).replace(/e([+-])0(\d)$/, 'e$1$2')).toBe(value.toExponential(places))
        },
      ),
    )
  })

  test('never fails', () => {
    const arg = fc.oneof(fc.string(), fc.bigInt(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.string()))
    const spec = fc.array(
      fc.constantFrom(
        '%',
        '[',
        ']',
        '*',
        '.',
        '1',
        '9',
        '#',
        '+',
        '-',
        ' ',
        '0',
        'd',
        's',
        'x',
        'q',
        'e',
        'g',
        'v',
        'c',
        'U',
        'é',
      ),
    )
    fc.assert(
      fc.property(
        spec,
        fc.array(arg, { maxLength: 4 }),
        (parts, args) => typeof f(parts.join(''), ...args) === 'string',
      ),
    )
  })
})
