import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { indexHead, indexLine, problemDocument, registryDiscovery, searchAnswer } from '@ingot/manifest'
import { dsseEnvelope, integrity, rootFingerprint, verifyPublish, verifyRoot } from '@ingot/trust'
import { hostileArchives } from '@ingot/trust/testing'
import { describe, expect, test } from 'vitest'
import { createToken } from './access/create-token.ts'
import { testModule } from './testing/test-module.ts'
import { startRegistry, type TestRegistry } from './testing/test-registry.ts'

async function problem(response: Response): Promise<{ status: number; code: string }> {
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const { code, status } = problemDocument.parse(await response.json())
  expect(status).toBe(response.status)
  return { status, code }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex')

async function indexOf(registry: TestRegistry, module: string): Promise<ReturnType<typeof indexLine.parse>[]> {
  const [head, ...lines] = (await (await registry.get(`/index/${module}.ndjson`)).text()).trim().split('\n')
  expect(indexHead.parse(JSON.parse(head!)).name).toBe(module)
  return lines.map((line) => indexLine.parse(JSON.parse(line)))
}

describe('the registry', () => {
  test('takes a module and gives back its bytes, index, documents and statement', async () => {
    const registry = await startRegistry()
    const module = testModule()
    expect((await registry.publish(module)).status).toBe(201)

    const [line] = await indexOf(registry, '@acme/redact')
    expect(line).toMatchObject({
      v: '1.0.0',
      integrity: integrity('sha512', module.archive),
      status: 'active',
      components: ['pii'],
    })

    const blob = await registry.get(`/blobs/sha512/${digestOf(module.archive)}`)
    expect(Buffer.from(await blob.arrayBuffer()).equals(module.archive)).toBe(true)
    expect(blob.headers.get('cache-control')).toContain('immutable')

    const document = await registry.get('/m/@acme/redact/1.0.0/manifest.json')
    expect(await document.json()).toMatchObject({
      manifest: module.manifest,
      integrity: integrity('sha512', module.archive),
    })

    const root = verifyRoot(
      dsseEnvelope.parse(await (await registry.get('/keys/root.json')).json()),
      rootFingerprint(registry.registry.keys.root),
    )
    const { statement } = (await (await registry.get('/m/@acme/redact/1.0.0/bundle.json')).json()) as {
      statement: never
    }
    const predicate = verifyPublish(statement, { module: '@acme/redact@1.0.0', sha512: digestOf(module.archive) }, root)
    expect(predicate.manifest).toBe(line!.manifest)
    registryDiscovery.parse(await (await registry.get('/.well-known/ingot.json')).json())
  })

  test('answers a repeated publish of the same bytes with 200, of other bytes with 409', async () => {
    const registry = await startRegistry()
    const first = await registry.publish(testModule())
    const again = await registry.publish(testModule())
    expect(again.status).toBe(200)
    expect(await again.text()).toBe(await first.text())
    expect(await problem(await registry.publish(testModule({ code: 'export default 2' })))).toEqual({
      status: 409,
      code: 'version_exists',
    })
  })

  test('lets one of many writers of a version win', async () => {
    const registry = await startRegistry()
    const modules = Array.from({ length: 20 }, (_, index) => testModule({ code: `export default ${index}` }))
    const statuses = await Promise.all(modules.map(async (module) => (await registry.publish(module)).status))
    expect(statuses.sort((a, b) => a - b)).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
    const [line, ...others] = await indexOf(registry, '@acme/redact')
    expect(others).toEqual([])
    expect(modules.map(({ archive }) => integrity('sha512', archive))).toContain(line!.integrity)
  })

  test('takes many versions at once', async () => {
    const registry = await startRegistry()
    const versions = Array.from({ length: 12 }, (_, index) => `1.${index}.0`)
    await Promise.all(versions.map((version) => registry.publish(testModule({ version }))))
    const lines = await indexOf(registry, '@acme/redact')
    expect(lines.map(({ v }) => v).sort()).toEqual([...versions].sort())
    expect(lines.map(({ log }) => log)).toEqual(versions.map((_, index) => index))
  })

  test('says what a version may do that the one below could not', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule())
    const capabilities = { 'http.request': [{ why: 'Asks for names.', values: ['names.example:443'] }] }
    await registry.publish(testModule({ version: '1.1.0', component: { capabilities } }))
    const [, second] = await indexOf(registry, '@acme/redact')
    expect(second!.caps.delta).toEqual({
      base: '1.0.0',
      added: ['http.request names.example:443'],
      widened: [],
      removed: [],
    })
  })

  test('answers an unchanged index with 304', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule())
    const etag = (await registry.get('/index/@acme/redact.ndjson')).headers.get('etag')!
    const unchanged = await registry.get('/index/@acme/redact.ndjson', { 'if-none-match': `"other", ${etag}` })
    expect([unchanged.status, await unchanged.text()]).toEqual([304, ''])
    await registry.publish(testModule({ version: '1.0.1' }))
    const changed = await registry.get('/index/@acme/redact.ndjson', { 'if-none-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(etag)
  })

  test('finds modules by words of their name, text, components and README', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule({ readme: 'Understands IBAN too' }))
    await registry.publish(testModule({ name: '@acme/geo', description: 'Adds places.' }))
    const find = async (q: string): Promise<string[]> => {
      const answer = searchAnswer.parse(await (await registry.get(`/api/v1/search?q=${encodeURIComponent(q)}`)).json())
      expect(answer.total).toBe(answer.items.length)
      return answer.items.map(({ name }) => name)
    }
    expect(await find('')).toEqual(['@acme/geo', '@acme/redact'])
    expect(await find('plac')).toEqual(['@acme/geo'])
    expect(await find('acme card')).toEqual(['@acme/redact'])
    expect(await find('iban')).toEqual(['@acme/redact'])
    expect(await find('" OR * NEAR(')).toEqual([])
  })
})

describe('POST of a version', () => {
  test.each([
    ['no token', { authorization: undefined }, 401, 'token_missing'],
    ['another scheme', { authorization: 'Basic eDp5' }, 401, 'token_missing'],
    ['a token that is none', { authorization: 'Bearer nonsense' }, 401, 'token_invalid'],
    ['a look-alike token', { authorization: `Bearer ingot_w_${'a'.repeat(48)}` }, 401, 'token_invalid'],
    ['no digest', { 'repr-digest': undefined }, 400, 'digest_missing'],
    ['a digest of another algorithm', { 'repr-digest': 'sha-256=:AAAA:' }, 400, 'digest_missing'],
    [
      'the digest of other bytes',
      { 'repr-digest': `sha-512=:${Buffer.alloc(64).toString('base64')}:` },
      422,
      'digest_mismatch',
    ],
    ['a body of another type', { 'content-type': 'text/html' }, 415, 'media_type'],
  ])('refuses %s', async (_, headers, status, code) => {
    const registry = await startRegistry()
    expect(await problem(await registry.publish(testModule(), headers))).toEqual({ status, code })
    expect((await registry.get('/index/@acme/redact.ndjson')).status).toBe(404)
    expect(await readdir(join(registry.dataDir, 'staging'))).toEqual([])
  })

  test('refuses a token for other modules, and one that has ended', async () => {
    const registry = await startRegistry()
    const { meta } = registry.registry
    const other = await createToken(meta.tokens, { description: 'other', modules: '@acme/geo' })
    const ended = await createToken(meta.tokens, { description: 'ended', modules: '*', lifetimeDays: 1e-9 })
    const withToken = ({ token }: { token: string }) =>
      registry.publish(testModule(), { authorization: `Bearer ${token}` })
    expect(await problem(await withToken(other))).toEqual({ status: 403, code: 'token_scope' })
    expect(await problem(await withToken(ended))).toEqual({ status: 401, code: 'token_expired' })
  })

  test('stops looking at tokens after many that failed', async () => {
    const registry = await startRegistry()
    const attempt = () => registry.publish(testModule(), { authorization: 'Bearer wrong' })
    for (let i = 0; i < 10; i++) expect((await attempt()).status).toBe(401)
    const refused = await attempt()
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await problem(refused)).toEqual({ status: 429, code: 'rate_limited' })
  })

  test('refuses a module that calls itself otherwise', async () => {
    const registry = await startRegistry()
    const { archive } = testModule()
    const { manifest } = testModule({ version: '2.0.0' })
    expect(await problem(await registry.publish({ archive, manifest }))).toEqual({
      status: 422,
      code: 'manifest_invalid',
    })
  })

  test('refuses a bundle that differs from the manifest', async () => {
    const registry = await startRegistry()
    const module = testModule({ component: { sha256: '0'.repeat(64) } })
    expect(await problem(await registry.publish(module))).toEqual({ status: 422, code: 'manifest_invalid' })
  })

  test.each([
    ['a manifest that is too large', { component: { docs: 'x'.repeat(2 ** 20) } }],
    ['a source that is no https address', { manifest: { source: 'javascript:alert(1)' } }],
    ['a version that is not in its normal form', { manifest: { version: 'v1.0.0' } }],
    ['a member that nobody knows', { manifest: { install: 'rm -rf /' } }],
  ])('refuses %s', async (_, options) => {
    const registry = await startRegistry()
    const { archive } = testModule(options)
    const published = await registry.publish({ archive, manifest: testModule().manifest })
    expect(await problem(published)).toEqual({ status: 422, code: 'manifest_invalid' })
  })

  test('refuses a module whose statement no entry of the log has room for', async () => {
    const registry = await startRegistry()
    const values = Array.from({ length: 2_000 }, (_, index) => `a-long-name-of-a-host-${index}.example.com:443`)
    const capabilities = { 'http.request': [{ why: 'Asks everyone.', values }] }
    const refused = await registry.publish(testModule({ component: { capabilities } }))
    expect(refused.status).toBe(422)
    expect(problemDocument.parse(await refused.json()).detail).toContain('its statement has')
    expect(await registry.registry.meta.log.size()).toBe(0)
  })

  test('refuses every hostile archive and keeps nothing of it', async () => {
    const registry = await startRegistry()
    const { manifest } = testModule()
    for (const hostile of hostileArchives) {
      // A server that stops reading may close the connection before the client has read why.
      const refused = await registry.publish({ manifest, archive: hostile.make() }).catch(() => undefined)
      if (refused === undefined) expect(hostile.code).toBe('too_large')
      else expect([hostile.name, (await problem(refused)).code]).toEqual([hostile.name, hostile.code])
    }
    expect(await readdir(join(registry.dataDir, 'staging'))).toEqual([])
    expect(await readdir(join(registry.dataDir, 'blobs/sha512'))).toEqual([])
  })
})

describe('GET', () => {
  test.each([
    '/nothing',
    '/index/@acme/unknown.ndjson',
    '/index/@ACME/redact.ndjson',
    '/m/@acme/redact/1.0.0/manifest.json',
    '/m/@acme/redact/not-a-version/bundle.json',
    `/blobs/sha512/${'0'.repeat(128)}`,
    '/blobs/sha512/..%2f..%2fregistry.db',
  ])('answers %s with a problem of status 404', async (path) => {
    const registry = await startRegistry()
    expect(await problem(await registry.get(path))).toEqual({ status: 404, code: 'not_found' })
  })
})
