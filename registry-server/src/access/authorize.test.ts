import { problemDocument, searchAnswer } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'
import { createToken } from './create-token.ts'
import type { TokenPermission } from './actions.ts'

async function token({ registry }: TestRegistry, permissions: readonly TokenPermission[], modules = '@acme/*') {
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules, permissions })
  return { authorization: `Bearer ${token}` }
}

async function makePrivate({ registry }: TestRegistry): Promise<void> {
  await registry.meta.database.write((transaction) =>
    transaction
      .insertInto('scopes')
      .values({
        name: '@acme',
        created_at: new Date().toISOString(),
        visibility: 'private',
        trusted_publisher_only: 0,
        min_approvals: 0,
        hold_on_capability_increase: 1,
        require_provenance: 0,
      })
      .execute(),
  )
}

test('a private scope looks like one that is not there, except to who may read it', async () => {
  const registry = await startRegistry()
  const sha512 = (await (await registry.publish(testModule())).json()) as { statement: { payload: string } }
  const { subject } = JSON.parse(Buffer.from(sha512.statement.payload, 'base64').toString()) as {
    subject: [{ digest: { sha512: string } }]
  }
  await makePrivate(registry)
  const [reader, writer] = [await token(registry, ['read']), await token(registry, ['yank'])]
  const paths = [
    '/index/@acme/redact.ndjson',
    '/index/@acme/redact.sig',
    '/m/@acme/redact/1.0.0/manifest.json',
    '/m/@acme/redact/1.0.0/bundle.json',
    `/blobs/sha512/${subject[0].digest.sha512}`,
    '/@acme/redact',
  ]
  for (const path of paths) {
    const hidden = await registry.get(path)
    const absent = await registry.get(path.replace('acme', 'nobody').replace(/[0-9a-f]{127}/, '0'.repeat(127)))
    expect([path, hidden.status, absent.status]).toEqual([path, 404, 404])
    const bodies = [await hidden.text(), (await absent.text()).replaceAll('nobody', 'acme')]
    expect(bodies[0]).toBe(bodies[1])
    expect((await registry.get(path, writer)).status).toBe(404)
    const seen = await registry.get(path, reader)
    expect([path, seen.status, seen.headers.get('vary')]).toEqual([path, 200, 'Authorization, Cookie'])
    expect(seen.headers.get('cache-control')).not.toContain('public')
  }
  const found = async (as: Record<string, string> = {}) =>
    searchAnswer.parse(await (await registry.get('/api/v1/search?q=card', as)).json()).total
  expect([await found(), await found(writer), await found(reader)]).toEqual([0, 0, 1])
})

test('a token does what it is for and nothing else', async () => {
  const registry = await startRegistry()
  const refused = await registry.publish(testModule(), await token(registry, ['read', 'yank', 'tag']))
  expect([refused.status, problemDocument.parse(await refused.json()).code]).toEqual([403, 'token_scope'])
  expect((await registry.publish(testModule(), await token(registry, ['publish']))).status).toBe(201)
})

test('a page of another site cannot make a browser write', async () => {
  const registry = await startRegistry()
  const path = `${registry.url}/api/v1/modules/@acme/redact/versions/1.0.0`
  const refused = await fetch(path, { method: 'POST', headers: { origin: 'https://evil.example' } })
  expect([refused.status, problemDocument.parse(await refused.json()).code]).toEqual([403, 'csrf'])
})
