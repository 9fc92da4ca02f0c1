import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineFunction, rest } from '../define-function.ts'
import { secret } from '../kinds.ts'
import { Secret } from '../secret.ts'
import { callFunction } from './call-function.ts'

const endpoint = defineFunction({
  name: 'endpoint',
  stability: 'experimental',
  summary: 'The address of a shard.',
  parameters: {
    region: z.string().describe('Where it is.'),
    shard: z.int().min(1).default(1).describe('Which one.'),
    path: rest(z.string().min(1)).describe('Parts of the path.'),
  },
  result: z.string(),
  examples: [{ args: ['eu', 3], result: 'https://eu-3.example/' }],
  run: ({ region, shard, path }) => `https://${region}-${shard}.example/${path.join('/')}`,
})

function made(run: () => unknown) {
  return defineFunction({ ...endpoint, parameters: {}, result: z.unknown(), run })
}

describe('callFunction()', () => {
  test('gives arguments by their place, defaults, and all that follow to the last one', () => {
    expect(callFunction(endpoint, ['eu'])).toEqual({ value: 'https://eu-1.example/' })
    expect(callFunction(endpoint, ['eu', 3, 'a', 'b'])).toEqual({ value: 'https://eu-3.example/a/b' })
  })

  test('tells which argument the schema refuses', () => {
    expect(callFunction(endpoint, ['eu', 0])).toMatchObject({ argument: 1, error: expect.stringMatching(/^shard: /) })
    expect(callFunction(endpoint, ['eu', 1, 'a', ''])).toMatchObject({ argument: 3 })
  })

  test('answers with what was thrown, whatever it is', () => {
    const throwing = (thrown: unknown) => made(() => { throw thrown }) // prettier-ignore
    expect(callFunction(throwing(new Error('no such region')), [])).toEqual({ error: 'no such region' })
    expect(callFunction(throwing('text'), [])).toEqual({ error: 'text' })
    const unreadable = { toString: () => { throw new Error('no') } } // prettier-ignore
    expect(callFunction(throwing(unreadable), [])).toEqual({ error: 'an error that cannot be read' })
    expect(
      callFunction(
        made(async () => 1),
        [],
      ),
    ).toMatchObject({ error: expect.stringContaining('promise') })
  })

  test('has no clock and no chance of its own', () => {
    const world = made(() => [Date.now(), new Date().getTime(), Date(), Math.random(), new Date(5).getTime()])
    const first = callFunction(world, ['a'])
    expect(callFunction(world, ['a'])).toEqual(first)
    expect(callFunction(world, ['b'])).not.toEqual(first)
    expect((first as { value: unknown[] }).value).toMatchObject([0, 0, expect.stringContaining('1970'), expect.any(Number), 5]) // prettier-ignore
    expect(Date.now()).toBeGreaterThan(1e12)
  })

  test('gives a secret as a secret, and takes one as the answer', () => {
    const sign = defineFunction({
      ...endpoint,
      parameters: { key: secret() },
      result: secret(),
      run: ({ key }) => new Secret(`${String(key)} ${key.reveal().length}`),
    })
    expect(callFunction(sign, ['hunter2'])).toEqual({ value: '(secret) 7' })
  })
})
