import { describe, expect, test } from 'vitest'
import { examine } from './language/examine.ts'
import { fuzzLanguage } from './language/fuzz-language.ts'
import { inputOf, kinds } from './language/inputs.ts'
import { minimize } from './language/minimize.ts'
import { readSeeds } from './language/seeds.ts'

test('random texts and bytes neither break the language nor keep it busy', { timeout: 120_000 }, async () => {
  const { tally, failure } = await fuzzLanguage({ inputs: 3_000, seed: 1 })
  expect(failure).toBeUndefined()
  expect(new Set(Object.keys(tally))).toEqual(new Set(kinds))
  // Inputs that are all refused at once would show little.
  expect(tally.grammar!.wellFormed).toBeGreaterThan(tally.grammar!.inputs / 2)
  expect(tally.mutated!.wellFormed).toBeGreaterThan(tally.mutated!.inputs / 20)
})

describe('what was found once', () => {
  test.each(readSeeds())('%s does not fail again', (_, input) => {
    expect(() => examine(input, true)).not.toThrow()
  })
})

test('inputOf() gives the same input for the same seed, and others for another', () => {
  const some = (seed: number) => Array.from({ length: 50 }, (_, index) => inputOf(seed, index))
  expect(some(1)).toEqual(some(1))
  expect(some(1)).not.toEqual(some(2))
})

test('minimize() leaves what makes an input fail', async () => {
  const fails = (text: string) => Promise.resolve(text.includes('[') && text.includes('!'))
  expect(await minimize(`${'a = 1\n'.repeat(20)}b = [1, 2, !]`, fails)).toBe('[!')
  const broken = (bytes: Uint8Array) => Promise.resolve(bytes.includes(0xff))
  expect(await minimize(Uint8Array.from([1, 2, 0xff, 3]), broken)).toEqual(Uint8Array.from([0xff]))
})
