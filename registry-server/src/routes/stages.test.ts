import { createHash } from 'node:crypto'
import { indexLine, problemDocument } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { operatorToken, signIn } from '../testing/sign-in.ts'
import { signedUp } from '../testing/signed-up.ts'
import { testModule, type TestModule } from '../testing/test-module.ts'
import { publishTo } from '../testing/publish-to.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

type Headers = Readonly<Record<string, string>>

const digestOf = ({ archive }: TestModule): string => createHash('sha512').update(archive).digest('hex')
const powers = { 'http.request': [{ why: 'Asks.', values: ['names.example:443'] }] }

async function setPolicy(
  { registry }: TestRegistry,
  policy: { min_approvals?: number; hold_on_capability_increase?: number },
) {
  await registry.meta.database.write((transaction) =>
    transaction.updateTable('scopes').set(policy).where('name', '=', '@acme').execute(),
  )
  await registry.meta.database.read.selectFrom('scopes').selectAll().execute()
}

async function publish(registry: TestRegistry, module: TestModule, as: Headers, query = '') {
  const response = await publishTo(registry.url, '', module, { ...as }, query)
  return {
    status: response.status,
    ...((await response.json()) as { stageId?: string; reasons?: string[]; code?: string }),
  }
}

async function decide(registry: TestRegistry, as: Headers, stageId: string, sha512?: string) {
  const path = `${registry.url}/api/v1/modules/@acme/redact/stages/${stageId}`
  const response = await (sha512 === undefined
    ? fetch(path, { method: 'DELETE', headers: as })
    : fetch(`${path}/approve`, {
        method: 'POST',
        headers: { ...as, 'content-type': 'application/json' },
        body: JSON.stringify({ sha512 }),
      }))
  const text = await response.text()
  return {
    status: response.status,
    code: text === '' ? undefined : problemDocument.safeParse(JSON.parse(text)).data?.code,
  }
}

test('an increase of capabilities waits for a person, whom the statement names', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const token = await operatorToken(registry.registry, ['publish'])
  expect((await publish(registry, testModule(), token)).status).toBe(201)
  const more = testModule({ version: '1.1.0', component: { capabilities: powers } })
  const held = await publish(registry, more, token)
  expect(held).toMatchObject({ status: 202, reasons: ['capability_increase'] })
  expect((await publish(registry, more, token)).stageId).toBe(held.stageId)
  expect((await registry.get(`/blobs/sha512/${digestOf(more)}`)).status).toBe(404)
  expect(await registry.registry.meta.log.size()).toBe(1)

  expect(await decide(registry, token, held.stageId!, digestOf(more))).toMatchObject({
    status: 403,
    code: 'session_required',
  })
  const other = '0'.repeat(128)
  expect(await decide(registry, ann, held.stageId!, other)).toMatchObject({ status: 422, code: 'digest_mismatch' })
  expect((await decide(registry, ann, held.stageId!, digestOf(more))).status).toBe(201)
  expect(await decide(registry, ann, held.stageId!, digestOf(more))).toMatchObject({
    status: 409,
    code: 'stage_decided',
  })
  const [, , line] = (await (await registry.get('/index/@acme/redact.ndjson')).text()).trim().split('\n')
  expect(indexLine.parse(JSON.parse(line!))).toMatchObject({ v: '1.1.0', trust: 1 })
  const [event] = await registry.registry.meta.log.events(1, 1)
  expect(JSON.parse(event!.leaf)).toMatchObject({
    predicate: { approvals: [{ user: 'ann', method: 'second factor' }] },
  })
})

test('a patch may not do more at all', async () => {
  const registry = await startRegistry()
  const token = await operatorToken(registry.registry, ['publish'])
  await publish(registry, testModule(), token)
  const patch = testModule({ version: '1.0.1', component: { capabilities: powers } })
  expect(await publish(registry, patch, token)).toMatchObject({ status: 422, code: 'caps_increase_patch' })
})

test('with two approvals wanted, whoever sent it is none of them', async () => {
  const registry = await startRegistry()
  const roles = { '@acme': 'owner' } as const
  const [ann, bob, cat] = [
    await signIn(registry.registry, { name: 'ann', roles }),
    await signIn(registry.registry, { name: 'bob', roles }),
    await signIn(registry.registry, { name: 'cat', roles }),
  ]
  await setPolicy(registry, { min_approvals: 2 })
  const module = testModule()
  const held = await publish(registry, module, ann)
  expect(held).toMatchObject({ status: 202, reasons: ['approval'] })
  expect(await decide(registry, ann, held.stageId!, digestOf(module))).toMatchObject({
    status: 403,
    code: 'approval_own',
  })
  expect((await decide(registry, bob, held.stageId!, digestOf(module))).status).toBe(202)
  expect((await decide(registry, bob, held.stageId!, digestOf(module))).status).toBe(202)
  expect((await decide(registry, cat, held.stageId!, digestOf(module))).status).toBe(201)
})

test('a token that may only stage only stages; what is rejected is never published', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'maintainer' } })
  const token = await operatorToken(registry.registry, ['stage'])
  const held = await publish(registry, testModule(), token)
  expect(held).toMatchObject({ status: 202, reasons: ['approval'] })
  const listed = await registry.get('/api/v1/scopes/@acme/stages', ann)
  expect(await listed.json()).toMatchObject({ stages: [{ id: held.stageId, version: '1.0.0', state: 'open' }] })
  expect((await decide(registry, ann, held.stageId!)).status).toBe(204)
  expect(await decide(registry, ann, held.stageId!, digestOf(testModule()))).toMatchObject({ status: 409 })
  expect(await registry.registry.meta.log.size()).toBe(0)
})

test('a name near that of another scope waits for staff', async () => {
  const registry = await startRegistry()
  const token = await operatorToken(registry.registry, ['publish'], '*')
  await publish(registry, testModule({ name: '@acme/file-io' }), token)
  expect(await publish(registry, testModule({ name: '@acme/fileio' }), token)).toMatchObject({ status: 201 })
  const near = await publish(registry, testModule({ name: '@ac-me/fi1e-io' }), token)
  expect(near).toMatchObject({ status: 202, reasons: ['near_name'] })
})

test('what is first published in a scope near another waits for staff, whoever owns it', async () => {
  const registry = await startRegistry()
  const [ada, eve] = [await signedUp(registry, 'ada'), await signedUp(registry, 'eve', { secondFactor: true })]
  const root = await signedUp(registry, 'root', { staff: true, secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme-io' })
  await eve.json(201, 'POST', '/api/v1/scopes', { name: '@acme10' })
  const token = await operatorToken(registry.registry, ['publish'], '*')
  const near = testModule({ name: '@acme10/other' })
  const held = await publish(registry, near, token)
  expect(held).toMatchObject({ status: 202, reasons: ['near_name'] })
  expect(await publish(registry, testModule({ name: '@acme-io/redact' }), token)).toMatchObject({ status: 201 })
  const path = `/api/v1/modules/@acme10/other/stages/${held.stageId}/approve`
  const body = { sha512: digestOf(near) }
  expect((await eve.send('POST', path, body)).status).toBe(403)
  expect((await root.send('POST', path, body)).status).toBe(201)
  const next = testModule({ name: '@acme10/third', code: 'export default 3' })
  expect(await publish(registry, next, token)).toMatchObject({ status: 201 })
})

test('a dry run checks and leaves nothing', async () => {
  const registry = await startRegistry()
  const token = await operatorToken(registry.registry, ['publish'])
  const checked = await publish(registry, testModule(), token, '?dryRun=1')
  expect(checked).toMatchObject({ status: 200, dryRun: true, reasons: [] })
  const broken = testModule({ component: { sha256: '0'.repeat(64) } })
  expect(await publish(registry, broken, token, '?dryRun=1')).toMatchObject({ status: 422, code: 'manifest_invalid' })
  expect(await registry.registry.meta.log.size()).toBe(0)
})
