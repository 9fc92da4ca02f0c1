import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'
import { isStorageFailure } from './storage-failure.ts'

test('a registry whose disk is full refuses what it cannot keep, answers what it has, and goes on when there is room', async () => {
  const failures: unknown[] = []
  const { registry, publish, get } = await startRegistry({ onError: (error) => failures.push(error) })
  await publish(testModule())
  const { database } = registry.meta
  const limitPages = (pages: number) =>
    database.write((transaction) => sql.raw(`PRAGMA max_page_count = ${pages}`).execute(transaction))
  const large = testModule({ version: '2.0.0', readme: 'x'.repeat(150_000) })

  await limitPages(1)
  const refused = await publish(large)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ code: 'unavailable' })
  expect(failures).toHaveLength(1)
  const index = await (await get('/index/@acme/redact.ndjson')).text()
  expect(index.trim().split('\n')).toHaveLength(2)

  await limitPages(1_000_000)
  expect((await publish(large)).status).toBe(201)
})

test.each([
  [Object.assign(new Error('disk'), { code: 'ENOSPC' }), true],
  [Object.assign(new Error('shutting down'), { code: '57P01' }), true],
  [Object.assign(new Error('I/O'), { errcode: 10 + 256 * 3 }), true],
  [Object.assign(new Error('store'), { $metadata: { httpStatusCode: 503 } }), true],
  [new Error('Connection terminated unexpectedly'), true],
  [Object.assign(new Error('unique'), { code: '23505' }), false],
  [Object.assign(new Error('constraint'), { errcode: 19 }), false],
  [new TypeError('bug'), false],
  ['text', false],
])('isStorageFailure() of %s is %s', (error, expected) => {
  expect(isStorageFailure(error)).toBe(expected)
})
