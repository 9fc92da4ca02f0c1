import type { Diagnostic } from '@ingot/syntax'
import { expect, test } from 'vitest'
import { movedDiagnostics } from './moved-diagnostics.ts'

const text = 'first = 1\nsecond = 2\nthird = 3\n'
const of = (word: string): Diagnostic => {
  const start = text.indexOf(word)
  return { code: 'wrong-type', severity: 'error', message: word, file: 'a', span: { start, end: start + word.length } }
}
const found = ['first', 'second', 'third'].map(of)
const words = (after: string) =>
  movedDiagnostics(found, text, after).map(({ span }) => after.slice(span!.start, span!.end))

test('movedDiagnostics() keeps what stands before a change, moves what stands after it and drops what changed', () => {
  expect(words(text.replace('second', 'much longer'))).toEqual(['first', 'third'])
  expect(words(`// new\n${text}`)).toEqual(['first', 'second', 'third'])
  expect(words(`${text}fourth = 4\n`)).toEqual(['first', 'second', 'third'])
  expect(words('')).toEqual([])
})
