import { expect, test } from 'vitest'
import { editAtRandom } from './editor.ts'

test.each([1, 2, 3])(
  'random edits of real configurations never take the language server down (seed %i)',
  async (seed) => {
    await expect(editAtRandom({ edits: 200, seed })).resolves.toBeUndefined()
  },
  60_000,
)
