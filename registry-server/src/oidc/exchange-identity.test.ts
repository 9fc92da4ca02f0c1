import { createHash, createHmac } from 'node:crypto'
import { problemDocument } from '@ingot/manifest'
import { expect, onTestFinished, test } from 'vitest'
import type { TestBrowser } from '../testing/browser.ts'
import { IdentityProvider } from '../testing/identity-provider.ts'
import { signedUp } from '../testing/signed-up.ts'
import { testModule, type TestModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'
import { knownIssuers } from './issuers.ts'

/** The registry's address, whatever it listens on. */
const audience = 'http://registry.test'

/** What GitHub says of a workflow that releases. */
const claims = {
  repository: 'acme/redact',
  repository_id: '12345',
  repository_owner_id: '678',
  workflow_ref: 'acme/redact/.github/workflows/release.yml@refs/tags/v1.0.0',
  environment: 'release',
  ref: 'refs/tags/v1.0.0',
  event_name: 'push',
  run_id: '99',
  sha: 'c0ffee',
}

interface Started {
  readonly registry: TestRegistry
  readonly provider: IdentityProvider
  readonly owner: TestBrowser
}

/** A registry in which a workflow of a repository is trusted with one module. */
async function start(): Promise<Started> {
  const provider = await IdentityProvider.start()
  onTestFinished(() => provider.stop())
  const issuer = { ...knownIssuers[0]!, issuer: provider.issuer, name: 'forge' }
  const registry = await startRegistry({ issuers: [issuer] })
  const owner = await signedUp(registry, 'ada', { secondFactor: true })
  await owner.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  const added = await owner.json<{ pending: boolean }>(201, 'POST', '/api/v1/scopes/@acme/trusted-publishers', {
    module: '@acme/redact',
    issuer: provider.issuer,
    ownerId: '678',
    repositoryId: '12345',
    repository: 'acme/redact',
    workflow: 'release.yml',
    environment: 'release',
    refPattern: 'refs/tags/v*',
  })
  expect(added.pending).toBe(true)
  return { registry, provider, owner }
}

function digestOf({ archive }: TestModule): string {
  return createHash('sha512').update(archive).digest('hex')
}

function exchange({ registry }: Started, jwt: string, module = testModule()): Promise<Response> {
  const { name, version } = module.manifest
  return fetch(`${registry.url}/api/v1/oidc/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jwt, module: name, version, sha512: digestOf(module) }),
  })
}

async function codeOf(response: Response): Promise<readonly [number, string]> {
  return [response.status, problemDocument.parse(await response.json()).code]
}

async function exchanged(started: Started, module = testModule()): Promise<Record<string, string>> {
  const answer = await exchange(started, await started.provider.sign(audience, claims), module)
  expect(answer.status).toBe(201)
  return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` }
}

const refused = [403, 'oidc_refused']
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a trusted workflow publishes a module that did not exist, and the statement says which', async () => {
  const started = await start()
  const { registry, owner } = started
  await owner.json(200, 'PATCH', '/api/v1/scopes/@acme', { trustedPublisherOnly: true })
  const { token } = await owner.json<{ token: string }>(201, 'POST', '/api/v1/tokens', {
    description: 'laptop',
    modules: '@acme/*',
    permissions: ['publish'],
  })
  const byToken = await registry.publish(testModule(), { authorization: `Bearer ${token}` })
  expect(await codeOf(byToken)).toEqual([403, 'policy_ci_only'])
  expect((await registry.publish(testModule(), await exchanged(started))).status).toBe(201)
  const line = (await (await registry.get('/index/@acme/redact.ndjson')).text()).trim().split('\n')[1]!
  expect(JSON.parse(line)).toMatchObject({ publisher: 'oidc:forge:acme/redact@12345', trust: 2 })
})

test('what an identity was exchanged for publishes one version with one content, and does nothing else', async () => {
  const started = await start()
  const { registry } = started
  const as = await exchanged(started)
  const swapped = await registry.publish(testModule({ code: 'export default 666' }), as)
  expect(await codeOf(swapped)).toEqual([403, 'token_scope'])
  expect(await codeOf(await registry.publish(testModule({ version: '1.0.1' }), as))).toEqual([403, 'token_scope'])
  expect(await codeOf(await registry.publish(testModule({ name: '@acme/other' }), as))).toEqual([403, 'token_scope'])
  expect(await codeOf(await registry.get('/api/v1/tokens', as))).toEqual([403, 'token_scope'])
})

test.each([
  ['a repository of the same name and another id', { repository_id: '99999' }],
  ['a fork', { repository_owner_id: '111', repository_id: '222', repository: 'eve/redact' }],
  ['another workflow', { workflow_ref: 'acme/redact/.github/workflows/test.yml@refs/tags/v1.0.0' }],
  ['a workflow whose name ends the same', { workflow_ref: 'acme/redact/.github/workflows/not-release.yml@x' }],
  ['another environment', { environment: 'staging' }],
  ['no environment', { environment: undefined }],
  ['another ref', { ref: 'refs/heads/main' }],
  ['a pull request that runs with the rights of its target', { event_name: 'pull_request_target' }],
  ['another workflow’s end', { event_name: 'workflow_run' }],
])('refuses %s, and tells owners alone what differs', async (_, differs) => {
  const started = await start()
  const jwt = await started.provider.sign(audience, { ...claims, ...differs })
  const answer = await exchange(started, jwt)
  const text = await answer.text()
  expect([answer.status, problemDocument.parse(JSON.parse(text)).code]).toEqual(refused)
  const known = await exchange(started, jwt, testModule({ name: '@nobody/redact' }))
  expect((await known.text()).replaceAll('@nobody', '@acme')).toBe(text)
  const path = '/api/v1/scopes/@acme/trusted-publishers/test'
  const body = { module: '@acme/redact', issuer: started.provider.issuer, claims: { ...claims, ...differs } }
  const tested = await started.owner.json<{ publishers: { mismatches: { claim: string }[] }[] }>(
    200,
    'POST',
    path,
    body,
  )
  const [name] = Object.keys(differs)
  expect(tested.publishers[0]!.mismatches.map(({ claim }) => claim)).toContain(name)
})

test('refuses an identity for somebody else, or for others too', async () => {
  const started = await start()
  const jwt = await started.provider.sign('https://other.example', claims)
  expect(await codeOf(await exchange(started, jwt))).toEqual(refused)
})

test('an issuer may make identities for another name of the registry, and then for that alone', async () => {
  const provider = await IdentityProvider.start()
  onTestFinished(() => provider.stop())
  const issuer = { ...knownIssuers[0]!, issuer: provider.issuer, name: 'forge', audience: 'ingot:acme' }
  const { oidc } = (await startRegistry({ issuers: [issuer] })).registry
  expect((await oidc.verify(await provider.sign('ingot:acme', claims), new Date())).issuer.name).toBe('forge')
  await expect(oidc.verify(await provider.sign(audience, claims), new Date())).rejects.toThrow('"aud"')
})

test('refuses an identity that was exchanged before, also for something else', async () => {
  const started = await start()
  const jwt = await started.provider.sign(audience, claims)
  const [first, second] = await Promise.all([exchange(started, jwt), exchange(started, jwt)])
  expect([first.status, second.status].sort((a, b) => a - b)).toEqual([201, 403])
  expect(await codeOf(await exchange(started, jwt, testModule({ version: '6.6.6' })))).toEqual(refused)
})

test('refuses what the issuer has not signed', async () => {
  const started = await start()
  const { issuer } = started.provider
  const now = Math.floor(Date.now() / 1000)
  const payload = { ...claims, iss: issuer, aud: audience, iat: now, exp: now + 300, jti: 'forged' }
  const none = `${encode({ alg: 'none' })}.${encode(payload)}.`
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: [{ kid: string; n: string }] }
  // The public key taken for a shared secret.
  const head = `${encode({ alg: 'HS256', kid: keys[0].kid })}.${encode(payload)}`
  const hmac = `${head}.${createHmac('sha256', keys[0].n).update(head).digest('base64url')}`
  const [header, , signature] = (await started.provider.sign(audience, claims)).split('.')
  const altered = `${header}.${encode(payload)}.${signature}`
  for (const jwt of [none, hmac, altered, 'nonsense', '']) {
    expect(await codeOf(await exchange(started, jwt))).toEqual(refused)
  }
})

test('refuses an issuer that nobody trusts, and one that speaks for another', async () => {
  const started = await start()
  const other = await IdentityProvider.start()
  onTestFinished(() => other.stop())
  expect(await codeOf(await exchange(started, await other.sign(audience, claims)))).toEqual(refused)
  const [header, , signature] = (await other.sign(audience, claims)).split('.')
  const { issuer } = started.provider
  const now = Math.floor(Date.now() / 1000)
  const mixed = encode({ ...claims, iss: issuer, aud: audience, iat: now, exp: now + 300, jti: 'mixed' })
  expect(await codeOf(await exchange(started, `${header}.${mixed}.${signature}`))).toEqual(refused)
})

test('a workflow that is trusted no longer has nothing left of what it got', async () => {
  const started = await start()
  const { registry, owner } = started
  const as = await exchanged(started)
  const path = '/api/v1/scopes/@acme/trusted-publishers'
  const { publishers } = await owner.json<{ publishers: [{ id: string }] }>(200, 'GET', path)
  await owner.json(204, 'DELETE', `${path}/${publishers[0].id}`)
  expect(await codeOf(await registry.publish(testModule(), as))).toEqual([401, 'token_invalid'])
  expect(await codeOf(await exchange(started, await started.provider.sign(audience, claims)))).toEqual(refused)
})
