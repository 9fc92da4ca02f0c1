import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf, logsOf } from '../testing/sandbox-fixture.ts'
import { BatchSplitter } from './batch-splitter.ts'

test('BatchSplitter keeps every line in its order, and no piece is empty', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 50 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 2_000 }),
      (lines, bytesMax) => {
        const batch = logsOf(lines)
        const pieces = new BatchSplitter(bytesMax).split(batch) ?? [batch]
        expect(pieces.flatMap(linesOf)).toEqual(linesOf(batch))
        expect(pieces.every(({ count }) => count > 0)).toBe(true)
      },
    ),
  )
})

test('BatchSplitter leaves a batch that fits as it is', () => {
  expect(new BatchSplitter(10_000).split(logsOf(['a', 'b']))).toBeUndefined()
})
