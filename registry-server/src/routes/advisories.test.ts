import { dsseEnvelope, verifyIndex } from '@ingot/trust'
import { expect, test } from 'vitest'
import { signIn } from '../testing/sign-in.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

type Headers = Readonly<Record<string, string>>

async function send(registry: TestRegistry, as: Headers, method: string, path: string, body?: unknown) {
  const response = await fetch(`${registry.url}/api/v1/scopes/@acme/advisories${path}`, {
    method,
    headers: { ...as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, ...((await response.json()) as { id?: string; code?: string }) }
}

const warning = {
  summary: 'reads what it must not',
  affected: [{ module: '@acme/redact', events: [{ introduced: '0' }, { fixed: '1.2.3' }] }],
}

test('owners warn of their modules; the list is signed, and the log tells of every change', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const bob = await signIn(registry.registry, { name: 'bob', roles: { '@acme': 'publisher' } })
  expect(await send(registry, bob, 'POST', '', warning)).toMatchObject({ status: 403, code: 'forbidden' })
  const others = { ...warning, affected: [{ module: '@other/x', events: [{ introduced: '0' }] }] }
  expect(await send(registry, ann, 'POST', '', others)).toMatchObject({ status: 400, code: 'request_invalid' })
  const written = await send(registry, ann, 'POST', '', warning)
  expect(written).toMatchObject({ status: 201, id: expect.stringMatching(/^INGOT-\d{4}-0$/) })

  const all = async () => {
    const bytes = Buffer.from(await (await registry.get('/advisories/all.ndjson')).arrayBuffer())
    const envelope = dsseEnvelope.parse(await (await registry.get('/advisories/all.sig')).json())
    verifyIndex(envelope, { path: '/advisories/all.ndjson', bytes }, registry.registry.keys.root, new Date())
    return bytes
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { withdrawn?: string })
  }
  const range = { type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.3' }] }
  expect(await all()).toEqual([
    expect.objectContaining({ affected: [{ package: { ecosystem: 'Ingot', name: '@acme/redact' }, ranges: [range] }] }),
  ])
  expect(await (await registry.get('/advisories/@acme/redact.json')).json()).toMatchObject({
    advisories: [{ id: written.id, summary: 'reads what it must not' }],
  })
  const changed = { ...warning, summary: 'reads more' }
  expect(await send(registry, ann, 'PUT', `/${written.id}`, changed)).toMatchObject({
    status: 200,
    summary: 'reads more',
  })
  expect((await send(registry, ann, 'PUT', '/INGOT-2026-99', changed)).status).toBe(404)
  expect((await send(registry, ann, 'DELETE', `/${written.id}`)).status).toBe(200)
  expect((await all())[0]!.withdrawn).toEqual(expect.any(String))
  const events = await registry.registry.meta.log.events(0, 10)
  expect(events.map(({ type }) => type)).toEqual(['advisory', 'advisory', 'advisory'])
})
