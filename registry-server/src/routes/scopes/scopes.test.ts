import { memberList, problemDocument, scopeDescription, type ScopeMember } from '@ingot/manifest'
import { expect, test } from 'vitest'
import type { TestBrowser } from '../../testing/browser.ts'
import { signedUp } from '../../testing/signed-up.ts'
import { testModule } from '../../testing/test-module.ts'
import { startRegistry } from '../../testing/test-registry.ts'

async function codeOf(response: Response): Promise<readonly [number, string]> {
  return [response.status, problemDocument.parse(await response.json()).code]
}

async function members(browser: TestBrowser): Promise<Record<string, Partial<ScopeMember>>> {
  const { members } = memberList.parse(await browser.json(200, 'GET', '/api/v1/scopes/@acme/members'))
  return Object.fromEntries(members.map(({ user, ...rest }) => [user, rest]))
}

test('a scope is its first owner’s; members are invited and say yes; the last owner stays', async () => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada', { secondFactor: true })
  const [bob, eve] = [await signedUp(registry, 'bob'), await signedUp(registry, 'eve', { secondFactor: true })]
  scopeDescription.parse(await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' }))
  expect(await codeOf(await eve.send('POST', '/api/v1/scopes', { name: '@acme' }))).toEqual([409, 'exists'])
  const path = '/api/v1/scopes/@acme'
  expect(await codeOf(await eve.send('PUT', `${path}/members/eve`, { role: 'owner' }))).toEqual([403, 'forbidden'])

  await ada.json(204, 'PUT', `${path}/members/bob`, { role: 'maintainer' })
  expect(Object.keys(await members(ada))).toEqual(['ada', 'bob'])
  expect(Object.keys(await members(eve))).toEqual(['ada'])
  expect(await codeOf(await eve.send('POST', `${path}/membership`))).toEqual([404, 'not_found'])
  await bob.json(204, 'POST', `${path}/membership`)
  expect((await members(eve))['bob']).toMatchObject({ role: 'maintainer', effectiveAt: null })
  expect(await codeOf(await ada.send('DELETE', `${path}/members/ada`))).toEqual([409, 'last_owner'])
  expect(await codeOf(await ada.send('PUT', `${path}/members/ada`, { role: 'reader' }))).toEqual([409, 'last_owner'])
  await bob.json(204, 'DELETE', `${path}/membership`)
  expect(Object.keys(await members(ada))).toEqual(['ada'])

  const events = await registry.registry.meta.log.events(0, 10)
  expect(events.map(({ type, subject }) => `${type} ${subject}`)).toEqual(['owner @acme'])
  expect(JSON.parse(events[0]!.leaf)).toMatchObject({ by: ['user:ada'], change: { user: 'ada', owner: true } })
})

test('a second owner of a scope that has one is so only after a day, and may be stopped until then', async () => {
  const registry = await startRegistry()
  const [ada, bob] = [await signedUp(registry, 'ada', { secondFactor: true }), await signedUp(registry, 'bob')]
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  await ada.json(204, 'PUT', '/api/v1/scopes/@acme/members/bob', { role: 'owner' })
  await bob.json(204, 'POST', '/api/v1/scopes/@acme/membership')
  const waiting = (await members(bob))['bob']!
  expect(waiting.role).toBe('reader')
  expect(new Date(waiting.effectiveAt!).getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000)
  const { scopes, users } = registry.registry.meta
  const { id } = (await users.byName('bob'))!
  expect(await scopes.roleOf('@acme', id, new Date(Date.now() + 25 * 3_600_000))).toBe('owner')
  await ada.json(204, 'DELETE', '/api/v1/scopes/@acme/members/bob')
  expect(await scopes.roleOf('@acme', id, new Date(Date.now() + 25 * 3_600_000))).toBeUndefined()
})

test('owners change the policy with a second factor alone, and the log tells', async () => {
  const registry = await startRegistry()
  const bob = await signedUp(registry, 'bob')
  await bob.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  const change = { trustedPublisherOnly: true }
  expect(await codeOf(await bob.send('PATCH', '/api/v1/scopes/@acme', change))).toEqual([403, 'second_factor'])
  const ada = await signedUp(registry, 'ada', { secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@other' })
  const changed = scopeDescription.parse(await ada.json(200, 'PATCH', '/api/v1/scopes/@other', change))
  expect(changed.policy).toMatchObject({ trustedPublisherOnly: true, visibility: 'public' })
  expect(await codeOf(await ada.send('PATCH', '/api/v1/scopes/@other', { secret: 1 }))).toEqual([
    400,
    'request_invalid',
  ])
  const { type, leaf } = (await registry.registry.meta.log.events(2, 1))[0]!
  expect([type, (JSON.parse(leaf) as { change: { policy: object } }).change.policy]).toEqual(['policy', changed.policy])
})

test('a name under which the operator has published is not for the first who comes', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const [ada, root] = [await signedUp(registry, 'ada'), await signedUp(registry, 'root', { staff: true })]
  expect(await codeOf(await ada.send('POST', '/api/v1/scopes', { name: '@acme' }))).toEqual([409, 'exists'])
  await root.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
})

test('members publish by what they are, and their tokens no further', async () => {
  const registry = await startRegistry()
  const [ada, bob] = [await signedUp(registry, 'ada', { secondFactor: true }), await signedUp(registry, 'bob')]
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  const wanted = { description: 'ci', modules: '@acme/*', permissions: ['publish'] }
  const { token } = await bob.json<{ token: string }>(201, 'POST', '/api/v1/tokens', wanted)
  const publish = () => registry.publish(testModule(), { authorization: `Bearer ${token}` })
  expect(await codeOf(await publish())).toEqual([403, 'forbidden'])
  await ada.json(204, 'PUT', '/api/v1/scopes/@acme/members/bob', { role: 'publisher' })
  await bob.json(204, 'POST', '/api/v1/scopes/@acme/membership')
  expect((await publish()).status).toBe(201)
})
