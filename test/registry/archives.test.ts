import { expect, test } from 'vitest'
import { proveHostileArchives } from '../prove/hostile-archives.ts'

/** A slice of `npm run prove -- archives`. */
test('hostile and random archives are refused or read as what they are, in bounded memory', async () => {
  const { corpus, read, refused } = await proveHostileArchives({ inputs: 2_000, seed: 1 })
  expect(corpus).toBeGreaterThanOrEqual(60)
  expect(read).toBeGreaterThan(0)
  expect(Object.keys(refused).sort()).toEqual(expect.arrayContaining(['archive_invalid', 'entry_type', 'path_invalid']))
})
