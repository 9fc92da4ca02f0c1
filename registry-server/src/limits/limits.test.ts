import { expect, test } from 'vitest'
import { signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

const minuteMs = 60_000

test('a bucket gives what is in it, fills with time, and is shared by who opens the same storage', async () => {
  const { registry } = await startRegistry()
  const bucket = { burst: 2, refillMs: minuteMs }
  const start = new Date('2026-11-01T00:00:00Z')
  const take = (minutes: number) =>
    registry.meta.buckets.take('version user:x', bucket, new Date(start.getTime() + minutes * minuteMs))
  expect(await take(0)).toEqual({ allowed: true, remaining: 1, waitMs: 0 })
  expect(await take(0)).toEqual({ allowed: true, remaining: 0, waitMs: minuteMs })
  expect(await take(0.5)).toEqual({ allowed: false, remaining: 0, waitMs: minuteMs / 2 })
  expect(await take(1)).toMatchObject({ allowed: true, remaining: 0 })
  expect(await take(0)).toMatchObject({ allowed: false })
  expect(await take(100)).toMatchObject({ allowed: true, remaining: 1 })
  await registry.meta.buckets.sweep(new Date(start.getTime() + 101 * minuteMs))
  expect(await registry.meta.database.read.selectFrom('buckets').selectAll().execute()).toEqual([])
})

test('a user makes five modules at once and then waits; the operator does not', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  for (const letter of 'abcde') {
    const made = await registry.publish(testModule({ name: `@acme/m-${letter}` }), ann)
    expect([made.status, made.headers.get('ratelimit')]).toEqual([201, expect.stringContaining('"new_module";r=')])
  }
  const refused = await registry.publish(testModule({ name: '@acme/m-f' }), ann)
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect((await registry.publish(testModule({ name: '@acme/m-a', version: '1.0.1' }), ann)).status).toBe(201)
  expect((await registry.publish(testModule({ name: '@acme/m-f' }))).status).toBe(201)
})
