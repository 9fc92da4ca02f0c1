import { newTokenAnswer, problemDocument } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

const body = { description: 'build', modules: '@acme/*', permissions: ['read'], days: 1 }

function post({ url }: TestRegistry, headers: Record<string, string>, content: unknown, path = '/api/v1/tokens') {
  const sent = { ...headers, 'content-type': 'application/json' }
  return fetch(`${url}${path}`, { method: 'POST', headers: sent, body: JSON.stringify(content) })
}

async function codeOf(response: Response): Promise<string> {
  return problemDocument.parse(await response.json()).code
}

test('a request with a key is done once, and its answer is given again to whoever has asked', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const bob = await signIn(registry.registry, { name: 'bob', roles: { '@acme': 'owner' } })
  const key = { 'idempotency-key': '"4f2a"' }
  const first = await post(registry, { ...ann, ...key }, body)
  const again = await post(registry, { ...ann, 'idempotency-key': '4f2a' }, body)
  const made = newTokenAnswer.parse(await first.json())
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true'])
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  expect(newTokenAnswer.parse(await again.json())).toEqual(made)
  const { read } = registry.registry.meta.database
  expect(await read.selectFrom('tokens').select('id').where('user_id', 'is not', null).execute()).toHaveLength(1)
  // A secret that was answered is not in the database.
  expect(JSON.stringify(await read.selectFrom('idempotent_requests').selectAll().execute())).not.toContain(made.token)

  const other = await post(registry, { ...ann, ...key }, { ...body, days: 2 })
  expect([other.status, await codeOf(other)]).toEqual([422, 'idempotency_key_reused'])
  const ofBob = await post(registry, { ...bob, ...key }, body)
  expect([ofBob.status, newTokenAnswer.parse(await ofBob.json()).token === made.token]).toEqual([201, false])
  const wrong = await post(registry, { ...ann, 'idempotency-key': `"${'x'.repeat(256)}"` }, body)
  expect([wrong.status, await codeOf(wrong)]).toEqual([400, 'request_invalid'])
})

test('what is still being done is not begun again, and what was refused may be asked again', async () => {
  const registry = await startRegistry()
  const { requests } = registry.registry.meta
  const ann = await signIn(registry.registry, { name: 'ann' })
  const key = { 'idempotency-key': '"scope"' }
  const make = () => post(registry, { ...ann, ...key }, { name: '@acme' }, '/api/v1/scopes')
  await post(registry, ann, { name: '@acme' }, '/api/v1/scopes')
  expect((await make()).status).toBe(409)
  expect(await registry.registry.meta.database.read.selectFrom('idempotent_requests').selectAll().execute()).toEqual([])

  const many = await Promise.all(
    Array.from({ length: 8 }, () =>
      post(registry, { ...ann, 'idempotency-key': 'once' }, { name: '@once' }, '/api/v1/scopes'),
    ),
  )
  const statuses = many.map(({ status }) => status)
  expect(new Set(statuses).has(201)).toBe(true)
  expect(statuses.every((status) => status === 201 || status === 409)).toBe(true)
  const refused = many.filter(({ status }) => status === 409)
  for (const response of refused) expect(await codeOf(response)).toBe('idempotency_in_flight')

  const now = new Date('2026-11-02T00:00:00Z')
  const request = { id: 'a', owner: 'ann', fingerprint: 'f' }
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  expect(await requests.begin(request, now)).toEqual({ kind: 'new' })
  expect(await requests.begin(request, at(149))).toEqual({ kind: 'running' })
  // Who has begun it is gone.
  expect(await requests.begin(request, at(151))).toEqual({ kind: 'new' })
  await requests.answer('a', 'done')
  expect(await requests.begin(request, at(3_600))).toEqual({ kind: 'answered', answer: 'done' })
  expect(await requests.begin(request, at(90_000))).toEqual({ kind: 'new' })
  for (let n = 0; n < 1_001; n++) await requests.begin({ ...request, id: `n${n}`, owner: 'bob' }, at(n))
  const kept = await registry.registry.meta.database.read
    .selectFrom('idempotent_requests')
    .select('id')
    .where('owner', '=', 'bob')
    .execute()
  expect(kept).toHaveLength(1_000)
})

test('an upload is known by its digest', async () => {
  const registry = await startRegistry()
  const key = { 'idempotency-key': '"publish"' }
  const first = await registry.publish(testModule(), key)
  const again = await registry.publish(testModule(), key)
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true'])
  expect(await again.text()).toBe(await first.text())
  const other = await registry.publish(testModule({ code: 'export default 1' }), key)
  expect([other.status, await codeOf(other)]).toEqual([422, 'idempotency_key_reused'])
})
