import { problemDocument } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { TestBrowser } from '../testing/browser.ts'
import { signedUp } from '../testing/signed-up.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

async function codeOf(response: Response): Promise<string> {
  return problemDocument.parse(await response.json()).code
}

const wrong = { user: 'ada', password: 'wrong wrong wrong' }

/** What is left of the attempts of this machine's address, as the database has it. */
async function left({ registry }: TestRegistry, what: string): Promise<number | undefined> {
  const { read } = registry.meta.database
  const key = `${what} address 127.0.0.1`
  return (await read.selectFrom('failed_attempts').select('tokens').where('key', '=', key).executeTakeFirst())?.tokens
}

/** Takes every attempt that is left, at a time that makes none come back while the test runs. */
async function takeAll({ registry }: TestRegistry, what: string): Promise<void> {
  const later = new Date(Date.now() + 3_600_000)
  const take = () =>
    registry.meta.failedAttempts.take(`${what} address 127.0.0.1`, { burst: 10, refillMs: 6_000 }, later)
  for (let i = 0; i < 10; i++) expect((await take()).allowed).toBe(true)
  expect((await take()).allowed).toBe(false)
}

test('what failed at one server is known to the other, and is forgotten by both', async () => {
  const first = await startRegistry()
  const second = await startRegistry({ dataDir: first.dataDir })
  await signedUp(first, 'ada')
  expect(await codeOf(await new TestBrowser(first.url).send('POST', '/api/v1/session', wrong))).toBe('sign_in')
  expect(await left(second, 'sign-in')).toBeLessThan(10)
  await takeAll(first, 'sign-in')
  const browser = new TestBrowser(second.url)
  const right = { user: 'ada', password: 'correct horse battery' }
  expect(await codeOf(await browser.send('POST', '/api/v1/session', right))).toBe('rate_limited')
  await first.registry.meta.failedAttempts.sweep(new Date(Date.now() + 2 * 3_600_000))
  await browser.json(201, 'POST', '/api/v1/session', right)
})

test('two servers count wrong tokens of one address together', async () => {
  const first = await startRegistry()
  const second = await startRegistry({ dataDir: first.dataDir })
  const guess = ({ get }: TestRegistry) => get('/api/v1/search', { authorization: 'Bearer guess' })
  expect((await guess(first)).status).toBe(401)
  expect(await left(second, 'credential')).toBeLessThan(10)
  await takeAll(first, 'credential')
  expect((await guess(second)).status).toBe(429)
  // What is valid is taken, whoever else behind the address has failed.
  expect((await second.get('/api/v1/session', { authorization: `Bearer ${first.token}` })).status).toBe(200)
})

test('guesses that are sent at once to two servers are not more guesses', async () => {
  const first = await startRegistry()
  const second = await startRegistry({ dataDir: first.dataDir })
  const sent = Array.from({ length: 24 }, (_, i) =>
    new TestBrowser([first.url, second.url][i % 2]!).send('POST', '/api/v1/session', wrong).then(codeOf),
  )
  const codes = await Promise.all(sent)
  // While they run, an attempt comes back every six seconds.
  expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThan(0)
  expect(codes.filter((code) => code !== 'rate_limited' && code !== 'sign_in' && code !== 'busy')).toEqual([])
})
