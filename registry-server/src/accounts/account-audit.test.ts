import { expect, test } from 'vitest'
import { checkRegistry } from '../backup/check-registry.ts'
import { signIn } from '../testing/sign-in.ts'
import { signedUp } from '../testing/signed-up.ts'
import { TestBrowser } from '../testing/browser.ts'
import { startRegistry } from '../testing/test-registry.ts'

interface Entry {
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly before: unknown
  readonly after: unknown
}

const password = 'correct horse battery'

test('the audit trail tells of sign-ins, refusals, passwords, factors, tokens and sessions, and of no secret', async () => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada', { secondFactor: true })
  const made = await ada.json<{ id: string; token: string }>(201, 'POST', '/api/v1/tokens', {
    description: 'ci',
    modules: '@acme/*',
    permissions: ['read'],
  })
  await ada.json(204, 'DELETE', `/api/v1/tokens/${made.id}`)
  const other = new TestBrowser(registry.url)
  await other.send('POST', '/api/v1/session', { user: 'ada', password: 'wrong wrong wrong' })
  await other.send('POST', '/api/v1/session', { user: 'hunter2 typed here', password: 'wrong wrong wrong' })
  await other.json(201, 'POST', '/api/v1/session', { user: 'ada', password })
  await other.send('POST', '/api/v1/session/second-factor', { totp: '000000' })
  await other.json(204, 'DELETE', '/api/v1/session')
  await ada.json(204, 'PUT', '/api/v1/account/password', { current: password, password: 'battery staple horse' })
  await ada.json(204, 'DELETE', '/api/v1/account/totp')

  const staff = await signIn(registry.registry, { name: 'sam', staff: true })
  const answer = await registry.get('/api/v1/audit', staff)
  const text = await answer.text()
  const { entries } = JSON.parse(text) as { entries: Entry[] }
  expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'command line token.create',
    'command line user.link',
    'user:ada password.set',
    'user:ada session.create',
    'user:ada factor.add',
    'user:ada session.factor',
    'user:ada factor.add',
    'user:ada token.create',
    'user:ada token.end',
    'anonymous session.refuse',
    'anonymous session.refuse',
    'user:ada session.create',
    'anonymous session.refuse',
    'user:ada session.end',
    'user:ada password.set',
    'user:ada factor.remove',
  ])
  expect(entries.filter(({ action }) => action === 'session.refuse')).toMatchObject([
    { subject: 'user:ada', after: { method: 'password' } },
    { subject: 'user', after: { method: 'password' } },
    { subject: 'user:ada', after: { method: 'totp' } },
  ])
  expect(entries.find(({ action }) => action === 'token.end')).toMatchObject({ before: { description: 'ci' } })
  for (const secret of [password, 'battery staple', made.token, 'hunter2']) expect(text).not.toContain(secret)
  expect((await checkRegistry({ dataDir: registry.dataDir })).problems).toEqual([])
})
