import { problemDocument, reportDescription } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

type Headers = Record<string, string>
const report = { kind: 'malware', module: '@acme/redact', version: '1.0.0', message: 'It sends what it reads.' }
const listed = z.object({ reports: z.array(reportDescription) })

function send({ url }: TestRegistry, body: object, headers: Headers = {}, method = 'POST', path = '') {
  const sent = { ...headers, 'content-type': 'application/json' }
  return fetch(`${url}/api/v1/reports${path}`, { method, headers: sent, body: JSON.stringify(body) })
}

async function reports(registry: TestRegistry, staff: Headers, query = '') {
  return listed.parse(await (await registry.get(`/api/v1/reports${query}`, staff)).json()).reports
}

test('anybody reports, a few times; those who run the registry decide, and its owners are not told who', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const staff = await signIn(registry.registry, { name: 'sam', staff: true })
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const made = await send(registry, { ...report, path: 'components/pii.mjs', line: 1 })
  expect([made.status, made.headers.get('ratelimit')]).toEqual([201, '"report";r=4;t=0'])
  const { id } = (await made.json()) as { id: string }
  expect(await reports(registry, staff)).toEqual([
    {
      id,
      ...report,
      path: 'components/pii.mjs',
      line: 1,
      reporter: null,
      credible: false,
      createdAt: expect.any(String) as string,
      state: 'open',
      note: null,
      decidedBy: null,
      decidedAt: null,
      suggestion: null,
    },
  ])
  for (const absent of [
    { ...report, module: '@acme/nothing' },
    { ...report, version: '9.9.9' },
  ]) {
    expect((await send(registry, absent)).status).toBe(404)
  }
  const short = await send(registry, { ...report, message: ' '.repeat(20) })
  expect([short.status, problemDocument.parse(await short.json()).detail]).toEqual([
    400,
    expect.stringContaining('at least 10 characters'),
  ])
  for (let n = 0; n < 4; n++) expect((await send(registry, report)).status).toBe(201)
  const refused = await send(registry, report)
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])

  const decided = await send(registry, { state: 'dismissed', note: 'it does not' }, staff, 'PATCH', `/${id}`)
  expect(reportDescription.parse(await decided.json())).toMatchObject({ state: 'dismissed', decidedBy: 'user:sam' })
  expect((await reports(registry, staff)).map((each) => each.id)).not.toContain(id)
  expect((await reports(registry, staff, '?state=dismissed')).map((each) => each.id)).toEqual([id])
  const open = await reports(registry, staff)
  expect(await reports(registry, staff, `?after=${open[1]!.id}`)).toEqual(open.slice(2))
  expect((await send(registry, report, owner, 'PATCH', `/${id}`)).status).toBe(403)
  const audit = await (await registry.get('/api/v1/scopes/@acme/audit', owner)).text()
  expect(audit).not.toContain('report')
  const stored = await registry.registry.meta.database.read.selectFrom('buckets').select('key').execute()
  expect(JSON.stringify(stored)).not.toContain('127.0.0.1')
})

test('three credible people on a young version suggest quarantine, and nothing is done', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const { meta } = registry.registry
  const staff = await signIn(registry.registry, { name: 'sam', staff: true })
  const now = new Date()
  const author = { actor: 'test', token: null, ip: '' }
  const old = new Date(now.getTime() - 30 * 24 * 3_600_000).toISOString()
  const say = (id: string, createdAt: string) =>
    meta.reports.add({ ...report, kind: 'malware' }, { id, name: id, createdAt }, author, now)
  // One person counts once, and who came for this alone does not count.
  await say('ann', old)
  await say('ann', old)
  await say('bob', old)
  await say('new', now.toISOString())
  const suggested = async () => (await reports(registry, staff)).map(({ suggestion }) => suggestion)
  expect(await suggested()).toEqual([null, null, null])
  await say('eve', old)
  expect(new Set(await suggested())).toEqual(new Set(['quarantine']))
  expect((await meta.versions.find('@acme/redact', '1.0.0'))?.status).toBe('active')
  const later = new Date(now.getTime() + 15 * 24 * 3_600_000)
  expect((await meta.reports.list('open', undefined, 10, later)).map(({ suggestion }) => suggestion)).toEqual(
    Array(4).fill(null),
  )
})

test('of a private scope nobody else can report, and the form works without scripts', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const form = await (await registry.get('/@acme/redact/report', { accept: 'text/html' })).text()
  expect(form).toContain('name="message"')
  const fields = { kind: 'abuse', version: '', path: '', line: '', message: 'It shows what it should not.' }
  const post = (headers: Headers) =>
    fetch(`${registry.url}/@acme/redact/report`, {
      method: 'POST',
      headers: { ...headers, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
  expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
  const sent = await post({ origin: registry.url })
  expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining('Thank you')])
  const author = { actor: 'test', token: null, ip: '', registry: registry.url, at: new Date().toISOString() }
  await registry.registry.meta.scopes.setPolicy('@acme', { visibility: 'private' }, author)
  expect((await send(registry, report)).status).toBe(404)
  expect((await registry.get('/@acme/redact/report')).status).toBe(404)
  expect((await send(registry, report, owner)).status).toBe(201)
})
