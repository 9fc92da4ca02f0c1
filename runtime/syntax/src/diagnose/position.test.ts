import { expect, test } from 'vitest'
import { position } from './position.ts'

test.each([
  ['', 0, 1, 1],
  ['ab\ncd', 0, 1, 1],
  ['ab\ncd', 2, 1, 3],
  ['ab\ncd', 3, 2, 1],
  ['ab\ncd', 99, 2, 3],
  ['\n\n\n', 2, 3, 1],
  ['😀é日x', 4, 1, 4],
])('position() in %j at %i is %i:%i', (text, offset, line, column) => {
  expect(position(text, offset)).toEqual({ line, column })
})
