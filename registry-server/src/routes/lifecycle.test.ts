import { createHash } from 'node:crypto'
import { indexHead, indexLine, problemDocument, searchAnswer, type IndexHead, type IndexLine } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { applyChange } from '../lifecycle/apply-change.ts'
import { operatorToken, signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

type Headers = Readonly<Record<string, string>>

async function send(registry: TestRegistry, as: Headers, path: string, body?: unknown, method = 'POST') {
  const response = await fetch(`${registry.url}/api/v1/modules/${path}`, {
    method,
    headers: { ...as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { changed?: boolean; code?: string; waiting?: object }
  return { status: response.status, ...answer }
}

async function index(registry: TestRegistry): Promise<{ head: IndexHead; lines: Record<string, IndexLine> }> {
  const text = await (await registry.get('/index/@acme/redact.ndjson')).text()
  const [head, ...lines] = text.trim().split('\n')
  const parsed = lines.map((line) => indexLine.parse(JSON.parse(line)))
  return { head: indexHead.parse(JSON.parse(head!)), lines: Object.fromEntries(parsed.map((line) => [line.v, line])) }
}

const blobOf = (archive: Uint8Array): string => `/blobs/sha512/${createHash('sha512').update(archive).digest('hex')}`
const codeOf = async (response: Response): Promise<string> => problemDocument.parse(await response.json()).code

async function withVersions(...versions: string[]): Promise<TestRegistry> {
  const registry = await startRegistry()
  for (const version of versions) expect((await registry.publish(testModule({ version }))).status).toBe(201)
  return registry
}

test('a yank hides a version from new resolution, is taken back, and is told of in the log', async () => {
  const registry = await withVersions('1.0.0', '1.1.0')
  const as = await operatorToken(registry.registry, ['yank'])
  const path = '@acme/redact/versions/1.1.0'
  expect(await send(registry, as, `${path}/yank`, { reason: '' })).toMatchObject({
    status: 400,
    code: 'request_invalid',
  })
  expect(await send(registry, as, `${path}/yank`, { reason: 'leaks' })).toMatchObject({
    status: 200,
    changed: true,
    log: 2,
  })
  expect(await send(registry, as, `${path}/yank`, { reason: 'again' })).toMatchObject({ status: 200, changed: false })
  const { head, lines } = await index(registry)
  expect(head.tags).toEqual({ latest: '1.0.0' })
  expect(lines['1.1.0']).toMatchObject({ status: 'yanked', reason: 'leaks', yankedAt: expect.any(String) })
  expect((await registry.get(blobOf(testModule({ version: '1.1.0' }).archive))).status).toBe(200)
  const found = searchAnswer.parse(await (await registry.get('/api/v1/search?q=redact')).json())
  expect(found.items[0]).toMatchObject({ version: '1.0.0', status: 'active' })

  expect(await send(registry, as, `${path}/unyank`, { reason: 'it does not' })).toMatchObject({ changed: true })
  expect((await index(registry)).lines['1.1.0']).toMatchObject({ status: 'active', reason: null, yankedAt: null })
  const { events } = (await (await registry.get('/api/v1/events?after=2')).json()) as { events: { type: string }[] }
  expect(events.map(({ type }) => type)).toEqual(['yank', 'unyank'])
  expect(await send(registry, as, '@acme/redact/versions/9.0.0/yank', { reason: 'x' })).toMatchObject({ status: 404 })
})

test('tags move, latest may be set, and a tag never points at what is not active', async () => {
  const registry = await withVersions('1.0.0', '1.1.0', '2.0.0-rc.1')
  const [as, yank] = [await operatorToken(registry.registry, ['tag']), await operatorToken(registry.registry, ['yank'])]
  const put = (tag: string, version: string) => send(registry, as, `@acme/redact/tags/${tag}`, { version }, 'PUT')
  expect(await put('next', '2.0.0-rc.1')).toMatchObject({ changed: true })
  expect(await put('latest', '1.0.0')).toMatchObject({ changed: true })
  expect((await index(registry)).head.tags).toEqual({ latest: '1.0.0', next: '2.0.0-rc.1' })
  for (const tag of ['x', '1.x', 'Next']) expect((await put(tag, '1.0.0')).status).toBe(404)
  await send(registry, yank, '@acme/redact/versions/2.0.0-rc.1/yank', { reason: 'no' })
  expect((await index(registry)).head.tags).toEqual({ latest: '1.0.0' })
  expect(await put('next', '2.0.0-rc.1')).toMatchObject({ status: 409, code: 'version_inactive' })
  expect(await send(registry, as, '@acme/redact/tags/latest', undefined, 'DELETE')).toMatchObject({ changed: true })
  expect((await index(registry)).head.tags).toEqual({ latest: '1.1.0' })
})

test('a deprecation warns, of a version or of a module', async () => {
  const registry = await withVersions('1.0.0', '1.1.0')
  const as = await operatorToken(registry.registry, ['yank'])
  await send(registry, as, '@acme/redact/versions/1.0.0/deprecate', { reason: 'slow', successor: '1.1.0' })
  await send(registry, as, '@acme/redact/deprecate', { reason: 'moved', successor: '@acme/mask' })
  const { head, lines } = await index(registry)
  expect(head).toMatchObject({ deprecated: 'moved', successor: '@acme/mask', tags: { latest: '1.1.0' } })
  expect(lines['1.0.0']).toMatchObject({ status: 'active', deprecated: 'slow', successor: '1.1.0' })
  await send(registry, as, '@acme/redact/deprecate', { reason: null })
  expect((await index(registry)).head).toMatchObject({ deprecated: null, successor: null })
})

test('a quarantine hands out nothing to who does not insist: staff at once, owners together', async () => {
  const registry = await startRegistry()
  const { registry: opened } = registry
  const staff = await signIn(opened, { name: 'sam', staff: true })
  const [ann, bob] = [
    await signIn(opened, { name: 'ann', roles: { '@acme': 'owner' } }),
    await signIn(opened, { name: 'bob', roles: { '@acme': 'owner' } }),
  ]
  await registry.publish(testModule())
  const path = '@acme/redact/versions/1.0.0'
  const blob = blobOf(testModule().archive)
  const first = await send(registry, ann, `${path}/quarantine`, { reason: 'odd' })
  expect(first).toMatchObject({ status: 202, changed: false, waiting: { agreed: ['user:ann'], wanted: 2 } })
  expect((await send(registry, ann, `${path}/quarantine`, { reason: 'odd' })).status).toBe(202)
  expect((await registry.get(blob)).status).toBe(200)
  expect(await send(registry, bob, `${path}/quarantine`, { reason: 'odd' })).toMatchObject({
    status: 200,
    changed: true,
  })
  for (const served of [blob, '/m/@acme/redact/1.0.0/manifest.json']) {
    const refused = await registry.get(served)
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'quarantined'])
    expect((await registry.get(`${served}?allow=quarantined`)).status).toBe(200)
  }
  expect((await registry.get('/m/@acme/redact/1.0.0/bundle.json')).status).toBe(200)
  const { head, lines } = await index(registry)
  expect([head.tags, lines['1.0.0']!.status]).toEqual([{}, 'quarantined'])

  await send(registry, ann, `${path}/release`, { reason: 'fine' })
  expect(await send(registry, bob, `${path}/release`, { reason: 'fine' })).toMatchObject({ changed: true })
  expect(await send(registry, staff, `${path}/quarantine`, { reason: 'malware' })).toMatchObject({ changed: true })
  expect(await send(registry, ann, `${path}/release`, { reason: 'no' })).toMatchObject({
    status: 403,
    code: 'forbidden',
  })
  const weak = await signIn(opened, { name: 'ed', staff: true, secondFactor: false })
  expect(await send(registry, weak, `${path}/release`, { reason: 'no' })).toMatchObject({
    status: 403,
    code: 'second_factor',
  })
})

test('a tombstone takes two of staff; bytes and words are gone, digest and name are not free', async () => {
  const secret = testModule({ readme: 'the password is swordfish', description: 'swordfish' })
  const registry = await startRegistry()
  await registry.publish(secret)
  const path = '@acme/redact/versions/1.0.0/tombstone'
  const [sam, kim] = [
    await signIn(registry.registry, { name: 'sam', staff: true }),
    await signIn(registry.registry, { name: 'kim', staff: true }),
  ]
  expect((await send(registry, sam, path, { reason: 'a secret' })).status).toBe(202)
  expect(await send(registry, kim, path, { reason: 'a secret' })).toMatchObject({ status: 200, changed: true })
  for (const gone of [blobOf(secret.archive), '/m/@acme/redact/1.0.0/manifest.json?allow=quarantined']) {
    const response = await registry.get(gone)
    expect([response.status, await codeOf(response)]).toEqual([410, 'tombstoned'])
  }
  const sha512 = createHash('sha512').update(secret.archive).digest('hex')
  expect(await registry.registry.blobs.read(sha512)).toBeUndefined()
  expect((await index(registry)).lines['1.0.0']).toMatchObject({ status: 'tombstoned', reason: 'a secret' })
  const rows = await registry.registry.meta.database.read.selectFrom('versions').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain('swordfish')
  for (const module of [secret, testModule({ code: 'export default 2' })]) {
    const again = await registry.publish(module)
    expect([again.status, await codeOf(again)]).toEqual([410, 'tombstoned'])
  }
  const html = await registry.get('/@acme/redact', { accept: 'text/html' })
  expect(await html.text()).not.toContain('swordfish')
})

test('an owner deletes a version that is young and that nobody uses', async () => {
  const registry = await startRegistry()
  const as = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  await registry.publish(testModule())
  const path = '@acme/redact/versions/1.0.0'
  await registry.publish(
    testModule({ name: '@acme/user', manifest: { dependencies: { '@acme/redact': '^1.0.0' } as never } }),
  )
  expect(await send(registry, as, path, undefined, 'DELETE')).toMatchObject({ status: 409, code: 'not_deletable' })
  const change = { type: 'yank', module: '@acme/user', version: '1.0.0', reason: 'x' } as const
  await applyChange(registry.registry, change, { actor: 'user:x', token: null, ip: '::1' })
  expect(await send(registry, as, path, undefined, 'DELETE')).toMatchObject({ status: 200, changed: true })
  expect((await registry.get(blobOf(testModule().archive))).status).toBe(410)
})
