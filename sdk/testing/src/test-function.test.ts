import { defineFunction } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { testFunction } from './test-function.ts'

const right = defineFunction({
  name: 'twice',
  stability: 'experimental',
  summary: 'Doubles a number.',
  parameters: { n: z.number().describe('The number.') },
  result: z.number().describe('Twice as much.'),
  examples: [{ args: [2], result: 4 }, { args: [0.5], result: 1 }], // prettier-ignore
  run: ({ n }) => n * 2,
})
testFunction(right, { test })

/** What the suite says of a definition. */
async function problems(definition: object): Promise<string> {
  const found: string[] = []
  const runs: Promise<void>[] = []
  testFunction(definition, { test: (_, run) => void runs.push(run().catch((error: Error) => void found.push(error.message))) }) // prettier-ignore
  await Promise.all(runs)
  return found.join('\n')
}

let calls = 0
test.each([
  ['no sentence', { summary: 'doubles' }, /summary: want one sentence/],
  ['a parameter without a description', { parameters: { n: z.number() } }, /parameters\.n has no description/],
  ['a result without a description', { result: z.number() }, /result has no description/],
  ['an example that does not hold', { examples: [{ args: [2], result: 5 }] }, /twice\(2\) gives 4, want 5/],
  ['an example that fails', { examples: [{ args: ['two'], result: 4 }] }, /twice\("two"\) fails/],
  [
    'unknown fields',
    { parameters: { n: z.object({ a: z.number().describe('A.') }).describe('N.') } },
    /want z\.strictObject/,
  ],
  ['state', { run: () => ++calls }, /gives something else the second time/],
  [
    'changed arguments',
    {
      parameters: { n: z.any().describe('N.') },
      examples: [{ args: [[1]], result: 1 }],
      run: ({ n }: { n: number[] }) => n.push(2),
    },
    /changes its arguments/,
  ],
  [
    'a global',
    { run: ({ n }: { n: number }) => (Object.assign(globalThis, { [`left${n}`]: 1 }), n * 2) },
    /leaves the global "left2"/,
  ],
  ['a class', { result: z.any().describe('It.'), run: () => new Map() }, /not plain data/],
  ['what its result does not allow', { run: () => 'four' }, /which its result does not allow/],
])('testFunction() finds %s', async (_, wrong, message) => {
  // prettier-ignore
  expect(await problems({ ...right, ...wrong })).toMatch(message)
})
