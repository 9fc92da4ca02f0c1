import { expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

/** Statuses of requests with a token that is none, each said to be from the given address. */
function guesses({ get }: TestRegistry, client: string, count: number): Promise<number[]> {
  const headers = { authorization: 'Bearer guess', 'x-forwarded-for': client }
  return Array.from({ length: count }).reduce<Promise<number[]>>(
    async (before) => [...(await before), (await get('/api/v1/search', headers)).status],
    Promise.resolve([]),
  )
}

const tenRefused = Array.from({ length: 10 }, () => 401)

test('behind a proxy that is trusted, guesses of one client are not those of another', async () => {
  const registry = await startRegistry({ trustedProxies: ['127.0.0.0/8'] })
  expect(await guesses(registry, '192.0.2.1', 11)).toEqual([...tenRefused, 429])
  expect(await guesses(registry, '192.0.2.2', 1)).toEqual([401])
})

test('what a client says of its own address gives it no more guesses', async () => {
  const registry = await startRegistry()
  expect(await guesses(registry, '192.0.2.1', 10)).toEqual(tenRefused)
  expect(await guesses(registry, '192.0.2.2', 1)).toEqual([429])
})
