import { array, assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { diffLines } from './diff-lines.ts'

test('diffLines() tells what took the place of what, with its surroundings', () => {
  const lines = Array.from({ length: 20 }, (_, number) => `line ${number + 1}`)
  const changed = lines.with(9, 'other\u2028 line').toSpliced(15, 1)
  const hunks = diffLines(lines.join('\n'), changed.join('\n'))!
  expect(hunks).toHaveLength(1)
  expect(hunks[0]!.map(({ kind }) => kind)).toEqual(['same', 'changed', 'same', 'changed', 'same'])
  expect(hunks[0]![1]).toEqual({
    kind: 'changed',
    before: [{ number: 10, text: 'line 10' }],
    after: [{ number: 10, text: 'other\u2028 line' }],
  })
  expect(hunks[0]![3]).toEqual({ kind: 'changed', before: [{ number: 16, text: 'line 16' }], after: [] })
  expect(hunks[0]![4]!.after[0]).toEqual({ number: 16, text: 'line 17' })
})

test('diffLines() makes one text of the other, whatever they are', () => {
  const text = array(constantFrom('a', 'b', '', '+', '-', '\\ No newline', ' x', 'c\r')).map((lines) =>
    lines.join('\n'),
  )
  assert(
    property(text, text, (before, after) => {
      expect(applied(linesOf(before), diffLines(before, after)!)).toEqual(linesOf(after))
    }),
  )
})

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** The lines after the changes: those of hunks as they say, those between them as they were. */
function applied(before: readonly string[], hunks: NonNullable<ReturnType<typeof diffLines>>): string[] {
  const lines: string[] = []
  let at = 0
  for (const hunk of hunks) {
    const first = hunk.flatMap((block) => block.before)[0]?.number
    while (first !== undefined && at < first - 1) lines.push(before[at++]!)
    for (const block of hunk) {
      for (const { text } of block.before) expect(text).toBe(before[at++])
      for (const { number, text } of block.after) expect(lines.push(text)).toBe(number)
    }
  }
  return [...lines, ...before.slice(at)]
}

test('diffLines() gives up on texts that have nothing in common', () => {
  const text = (word: string) => Array.from({ length: 5_000 }, (_, number) => `${word} ${number}`).join('\n')
  expect(diffLines(text('a'), text('b'))).toBeUndefined()
})
