import { describe, expect, test } from 'vitest'
import { fitsPattern } from './fits-pattern.ts'

describe('fitsPattern()', () => {
  test.each([
    ['^[A-Z]+$', 'GET', true],
    ['^[A-Z]+$', 'get', false],
    ['^(?:a|b)c{2}$', 'acc', true],
    ['^[a-z]+(?:-[a-z]+)?$', 'a-', false],
    ['\\d{4}', 'x', false],
  ])('%s on %s: %s', (pattern, text, wanted) => expect(fitsPattern(pattern, text)).toBe(wanted))

  test.each([
    ['a repetition of a repetition', '^(a+)+$'],
    ['a repetition of a choice', '^(a|a)*$'],
    ['a bounded repetition of a group', '^(a?){1,}$'],
    ['many repetitions', '^a*a*a*a*a*$'],
    ['a lookahead', '^(?=.*x)b$'],
    ['a backreference', '^(a)\\1$'],
    ['no pattern at all', '('],
  ])('leaves %s to the component', (_, pattern) => expect(fitsPattern(pattern, `${'a'.repeat(900)}!`)).toBe(true))

  test('leaves long texts to the component', () => expect(fitsPattern('^b$', 'a'.repeat(2000))).toBe(true))
})
