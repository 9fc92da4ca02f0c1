import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { concealLiterals } from './conceal-literals.ts'

test.each([
  ['strings', 'a "b" {\n\tc = "hidden" + "é😀"\n}\n', 'a "b" {\n\tc = "******" + "***"\n}\n'],
  ['keys of objects, which are strings too', 'c = { "key" = 1 }', 'c = { "***" = 1 }'],
  ['raw strings of several lines', 'c = `one\ntwo`\nd = 1', 'c = `***\n***`\nd = 1'],
  ['comments', 'c = 1 // was "hidden"\n/* a\nb */', 'c = 1 //*************\n/***\n****'],
  ['strings that nothing closes', 'c = "hidden\nd = 1', 'c = "******\nd = 1'],
  ['raw strings that nothing closes', 'c = `hidden\nd = 1', 'c = `******\n*****'],
  ['single quotes', "c = 'hidden'", "c = '******'"],
])('concealLiterals() hides %s', (_, text, expected) => {
  expect(concealLiterals(text)).toBe(expected)
})

test('concealLiterals() moves nothing, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', "'", '`', '\\', '/', '*', '\n', 'a', '{', '=', '😀', ' ') }),
      (text) => {
        const lines = (each: string) => each.split('\n').map(({ length }) => length)
        expect(lines(concealLiterals(text))).toEqual(lines(text))
      },
    ),
  )
})
