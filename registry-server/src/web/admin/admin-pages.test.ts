import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseSigningKey } from '@ingot/trust'
import { expect, onTestFinished, test } from 'vitest'
import { installRoot, proposeChange } from '../../keys/change-keys.ts'
import type { TestBrowser } from '../../testing/browser.ts'
import { publishTo } from '../../testing/publish-to.ts'
import { signedUp } from '../../testing/signed-up.ts'
import { operatorToken } from '../../testing/sign-in.ts'
import { testModule } from '../../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../../testing/test-registry.ts'

async function text(browser: TestBrowser, path: string): Promise<string> {
  const response = await browser.send('GET', path)
  expect([path, response.status, response.headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
  return response.text()
}

const staffOf = (registry: TestRegistry) => signedUp(registry, 'sam', { staff: true, secondFactor: true })
const paths = ['', '/quarantine', '/waiting', '/jobs', '/mirrors', '/keys', '/audit'].map((path) => `/admin${path}`)

test('are there for staff with a second factor, and for nobody else', async () => {
  const registry = await startRegistry()
  const staff = await staffOf(registry)
  const others = [await signedUp(registry, 'ann', { secondFactor: true })]
  const alone = await signedUp(registry, 'tom', { staff: true })
  const absent = await registry.get('/admin/nothing', { accept: 'text/html' })
  for (const path of paths) {
    expect(await text(staff, path)).toContain('aria-current="page"')
    const nobody = await registry.get(path, { accept: 'text/html' })
    expect(nobody.status).toBe(404)
    expect((await nobody.text()).replaceAll(path, '')).toBe(
      (await absent.clone().text()).replaceAll('/admin/nothing', ''),
    )
    for (const other of others) expect((await other.send('GET', path)).status).toBe(404)
    expect(await (await alone.send('GET', path)).json()).toMatchObject({ status: 403, code: 'second_factor' })
  }
})

test('begin and end a quarantine, and say why one cannot be begun', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const staff = await staffOf(registry)
  expect(await text(staff, '/admin/quarantine')).toContain('Nothing is in quarantine')
  const about = { module: '@acme/redact', version: '1.0.0' }
  const wrong = await staff.form('/admin/quarantine', {
    module: 'redact',
    version: '1',
    reason: '<b>',
    do: 'quarantine',
  })
  const again = await wrong.text()
  expect(wrong.status).toBe(400)
  expect(again).toContain('Cannot find &quot;redact@1&quot;: module: want &quot;@scope/name&quot; in lower case')
  expect(again).toContain('value="&lt;b&gt;"')
  const missing = await staff.form('/admin/quarantine', { ...about, version: '9.0.0', reason: 'x', do: 'quarantine' })
  expect([missing.status, (await missing.text()).includes('role="alert"')]).toEqual([404, true])

  const begun = await staff.form('/admin/quarantine', { ...about, reason: 'It sends keys home.', do: 'quarantine' })
  expect([begun.status, begun.headers.get('location')]).toEqual([303, '/admin/quarantine'])
  expect(await text(staff, '/admin/quarantine')).toContain('It sends keys home.')
  expect(await text(staff, '/admin')).toContain('1 version</span')
  expect(await (await registry.get('/index/@acme/redact.ndjson')).text()).toContain('"status":"quarantined"')
  await staff.form('/admin/quarantine', { ...about, reason: 'It does not.', do: 'release' })
  expect(await text(staff, '/admin/quarantine')).toContain('Nothing is in quarantine')
  expect(await (await registry.get('/index/@acme/redact.ndjson')).text()).toContain('"status":"active"')
})

test('list versions of all scopes that wait, held names with those that they are near', async () => {
  const registry = await startRegistry()
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  const publish = (name: string, query = '') =>
    publishTo(registry.url, '', testModule({ name }), { authorization }, query)
  await publish('@acme/redact')
  expect((await publish('@ac-me/redact')).status).toBe(202)
  expect((await publish('@other/geo', '?stage=1')).status).toBe(202)
  const page = await text(await staffOf(registry), '/admin/waiting')
  expect(page).toMatch(
    /Held names[^]*@ac-me\/redact@1\.0\.0[^]*Close to <strong>@acme\/redact<[^]*For other reasons[^]*@other\/geo/,
  )
})

test('list jobs, those that fail first', async () => {
  const registry = await startRegistry()
  const staff = await staffOf(registry)
  await registry.publish(testModule())
  await registry.publish(testModule({ version: '1.1.0' }))
  await registry.registry.outbox.drain()
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await registry.registry.meta.database.write((transaction) =>
    transaction
      .insertInto('outbox')
      .values([
        { topic: 'search', log_index: 0, attempts: 0, due_at: later },
        { topic: 'search', log_index: 1, attempts: 3, due_at: later },
      ])
      .execute(),
  )
  expect(await text(staff, '/admin/jobs')).toMatch(
    /2 jobs[^]*@acme\/redact@1\.1\.0[^]*failed 3 times[^]*@acme\/redact@1\.0\.0/,
  )
  expect(await text(staff, '/admin')).toContain('1 job fails.')
})

test('tell how it is with each mirror', async () => {
  const registry = await startRegistry()
  const staff = await staffOf(registry)
  expect(await text(staff, '/admin/mirrors')).toContain('No registry is mirrored')
  const upstream = createServer((_request, response) => response.writeHead(500).end())
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  onTestFinished(() => void (upstream.closeAllConnections(), upstream.close()))
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const root = `sha256:${'0'.repeat(64)}`
  await registry.registry.meta.upstreams.put({ name: 'up', url, root, scopes: ['@up'], minAgeMs: 7_200_000 })
  const fresh = await text(staff, '/admin/mirrors')
  for (const part of ['not asked yet', url, '2 hours', 'nothing yet']) expect(fresh).toContain(part)
  for (let asked = 0; asked < 3; asked++) expect((await registry.get('/mirror/up/log/checkpoint')).status).toBe(503)
  expect(await text(staff, '/admin/mirrors')).toMatch(
    /paused: it failed[^]*found status 500, want 200|paused: it failed[^]*it has just failed/,
  )
  expect(await text(staff, '/admin')).toContain('1 cannot be asked or believed.')
})

test('tell what is under way of keys', async () => {
  const registry = await startRegistry()
  const staff = await staffOf(registry)
  const { dataDir } = registry
  const rootKey = parseSigningKey(await readFile(join(dataDir, 'keys/root.pem'), 'utf8'))
  const before = await text(staff, '/admin/keys')
  expect(before).toContain('The root key lies on this server')
  expect(before.match(/this server signs with it/g)).toHaveLength(3)
  const { envelope } = await proposeChange(
    { dataDir },
    { kind: 'rotate', role: 'publish', overlapMs: 0 },
    [rootKey],
    new Date(),
  )
  expect(await text(staff, '/admin/keys')).toContain('waits for a root document that names it')
  await installRoot({ dataDir }, envelope)
  expect(await text(staff, '/admin/keys')).toContain('Version 2 of the keys is installed')
  expect(await text(staff, '/admin')).toContain('start this server again to use it')
})

test('search the audit trail, the newest first, and give it out whole', async () => {
  const registry = await startRegistry()
  const staff = await staffOf(registry)
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  const subjects = Array.from({ length: 55 }, (_, number) => testModule({ version: `1.${number}.0` }))
  for (const module of subjects) await registry.publish(module)
  await publishTo(registry.url, '', testModule({ name: '@other/geo' }), { authorization })
  const first = await text(staff, '/admin/audit')
  expect(first.indexOf('@other/geo@1.0.0')).toBeLessThan(first.indexOf('@acme/redact@1.54.0'))
  const older = /href="(\/admin\/audit\?before=\d+)"/.exec(first)![1]!
  expect(await text(staff, older)).toContain('@acme/redact@1.0.0')
  const some = await text(staff, '/admin/audit?actor=&action=publish&scope=@other&from=2020-01-01&to=')
  expect(some).toContain('@other/geo@1.0.0')
  expect(some).not.toContain('@acme/redact')
  expect(await text(staff, '/admin/audit?to=2020-01-01')).toContain('No entry is like that')
  const whole = /href="(\/api\/v1\/audit\?[^"]+)"/.exec(some)![1]!.replaceAll('&amp;', '&')
  const lines = (await (await staff.send('GET', whole)).text()).trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { subject: string }).subject.split(' ')[0])).toEqual([
    '@other/geo@1.0.0',
  ])
})

test('show owners the trail of their scope alone', async () => {
  const registry = await startRegistry()
  const ann = await signedUp(registry, 'ann')
  await ann.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  await registry.publish(testModule())
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  await publishTo(registry.url, '', testModule({ name: '@other/geo' }), { authorization })
  const trail = await text(ann, '/@acme/audit')
  expect(trail).toMatch(/publish<[^]*@acme\/redact@1\.0\.0[^]*scope\.create/)
  expect(trail).not.toContain('@other')
  expect((await (await signedUp(registry, 'tom')).send('GET', '/@acme/audit')).status).toBe(403)
})
