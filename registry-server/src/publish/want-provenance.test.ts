import { createHash } from 'node:crypto'
import { problemDocument } from '@ingot/manifest'
import { expect, onTestFinished, test } from 'vitest'
import { knownIssuers, type OidcIssuer } from '../oidc/issuers.ts'
import { IdentityProvider } from '../testing/identity-provider.ts'
import { signedUp } from '../testing/signed-up.ts'
import { testModule, type TestModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

const claims = {
  repository: 'acme/redact',
  repository_id: '12345',
  repository_owner_id: '678',
  workflow_ref: 'acme/redact/.github/workflows/release.yml@refs/tags/v1.0.0',
  event_name: 'push',
  run_id: '99',
  sha: 'c0ffee',
}

interface Started {
  readonly registry: TestRegistry
  readonly provider: IdentityProvider
}

/** A scope that requires provenance, and a workflow that it trusts. */
async function start(issuer: Partial<OidcIssuer> = {}): Promise<Started> {
  const provider = await IdentityProvider.start()
  onTestFinished(() => provider.stop())
  const trusted = { ...knownIssuers[0]!, issuer: provider.issuer, name: 'forge', ...issuer }
  const registry = await startRegistry({ issuers: [trusted] })
  const ada = await signedUp(registry, 'ada', { secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  await ada.json(201, 'POST', '/api/v1/scopes/@acme/trusted-publishers', {
    module: '@acme/redact',
    issuer: provider.issuer,
    ownerId: '678',
    repositoryId: '12345',
    repository: 'acme/redact',
    workflow: 'release.yml',
  })
  await ada.json(200, 'PATCH', '/api/v1/scopes/@acme', { requireProvenance: true })
  return { registry, provider }
}

async function publish({ registry, provider }: Started, module: TestModule): Promise<readonly [number, string?]> {
  const { name, version } = module.manifest
  const exchanged = await fetch(`${registry.url}/api/v1/oidc/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jwt: await provider.sign('http://registry.test', claims),
      module: name,
      version,
      sha512: createHash('sha512').update(module.archive).digest('hex'),
    }),
  })
  const { token } = (await exchanged.json()) as { token: string }
  return outcome(await registry.publish(module, { authorization: `Bearer ${token}` }))
}

async function outcome(answer: Response): Promise<readonly [number, string?]> {
  const { data } = problemDocument.safeParse(await answer.json())
  return data ? [answer.status, data.code] : [answer.status]
}

const refused = [422, 'provenance_missing']
const from = (source: string, version = '1.0.0') => testModule({ version, manifest: { source } })

test('what a token publishes has no provenance; what a workflow publishes has that of its very bytes', async () => {
  const started = await start()
  const { registry } = started
  const module = from('https://github.com/Acme/redact/tree/main/module')
  expect(await outcome(await registry.publish(module))).toEqual(refused)
  expect(await publish(started, module)).toEqual([201])
  const bundle = (await (await registry.get('/m/@acme/redact/1.0.0/bundle.json')).json()) as {
    statement: { payload: string }
  }
  const statement = JSON.parse(Buffer.from(bundle.statement.payload, 'base64').toString()) as object
  expect(statement).toMatchObject({
    subject: [{ digest: { sha512: createHash('sha512').update(module.archive).digest('hex') } }],
    predicate: { publisher: { repository: 'acme/redact', commit: 'c0ffee', runId: '99' } },
  })
})

test.each([
  ['no source', testModule()],
  ['the repository of somebody else', from('https://github.com/eve/redact')],
  ['a repository whose name begins the same', from('https://github.com/acme/redact-evil')],
  ['a repository of the same name elsewhere', from('https://git.example/acme/redact')],
])('a module that names %s is refused', async (_, module) => {
  expect(await publish(await start(), module)).toEqual(refused)
})

test('an issuer that does not say from which commit is not enough', async () => {
  const { commit: _, ...claims } = knownIssuers[0]!.claims
  expect(await publish(await start({ claims }), from('https://github.com/acme/redact'))).toEqual(refused)
})
