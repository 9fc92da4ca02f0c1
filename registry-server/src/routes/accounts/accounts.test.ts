import { callerDescription, deviceAnswer, deviceTokenAnswer, problemDocument, type SignInAnswer } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { createSetupLink, createUser } from '../../accounts/create-user.ts'
import { totpCode } from '../../accounts/totp.ts'
import { TestBrowser } from '../../testing/browser.ts'
import { startRegistry, type TestRegistry } from '../../testing/test-registry.ts'

const password = 'correct horse battery'

/** A browser in which a new user has signed in by a set-up link. */
async function signedUp({ registry, url }: TestRegistry, name = 'ada'): Promise<TestBrowser> {
  const user = await createUser(registry.meta, { name })
  const { link } = await createSetupLink(registry.meta, user)
  const browser = new TestBrowser(url)
  await browser.json(201, 'POST', '/api/v1/account/set-up', { link, password })
  return browser
}

async function whoami(browser: TestBrowser) {
  return callerDescription.parse(await browser.json(200, 'GET', '/api/v1/session'))
}

async function codeOf(response: Response): Promise<readonly [number, string]> {
  return [response.status, problemDocument.parse(await response.json()).code]
}

const step = (): number => Math.floor(Date.now() / 30_000)

test('a set-up link works once; a password signs in; signing out ends the session', async () => {
  const registry = await startRegistry()
  const user = await createUser(registry.registry.meta, { name: 'ada' })
  const { link } = await createSetupLink(registry.registry.meta, user)
  const browser = new TestBrowser(registry.url)
  const weak = await browser.send('POST', '/api/v1/account/set-up', { link, password: 'adaadaadaada' })
  expect(await codeOf(weak)).toEqual([422, 'password_weak'])
  await browser.json(201, 'POST', '/api/v1/account/set-up', { link, password })
  expect(await whoami(browser)).toMatchObject({ kind: 'user', user: { name: 'ada', hasSecondFactor: false } })
  expect(await codeOf(await browser.send('POST', '/api/v1/account/set-up', { link, password }))).toEqual([
    401,
    'sign_in',
  ])

  const kept = new TestBrowser(registry.url)
  const answer = await kept.json<SignInAnswer>(201, 'POST', '/api/v1/session', { user: 'ada', password })
  expect(answer).toMatchObject({ user: 'ada', token: null, secondFactors: [] })
  const stolen = new Map(kept.cookies)
  await kept.send('DELETE', '/api/v1/session')
  expect((await whoami(kept)).kind).toBe('anonymous')
  const again = await registry.get('/api/v1/session', { cookie: `ingot_session=${stolen.get('ingot_session')}` })
  expect(callerDescription.parse(await again.json()).kind).toBe('anonymous')
})

test('a wrong name and a wrong password get one answer, and many of them a pause', async () => {
  const registry = await startRegistry()
  await signedUp(registry)
  const browser = new TestBrowser(registry.url)
  const attempt = (user: string) => browser.send('POST', '/api/v1/session', { user, password: 'wrong wrong wrong' })
  const [unknown, known] = [await (await attempt('nobody')).text(), await (await attempt('ada')).text()]
  expect(unknown).toBe(known)
  for (let i = 0; i < 8; i++) await attempt('ada')
  const refused = await attempt('ada')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await codeOf(refused)).toEqual([429, 'rate_limited'])
})

test('with TOTP a password alone is nobody, and no code counts twice', async () => {
  const registry = await startRegistry()
  const first = await signedUp(registry)
  const { secret } = await first.json<{ secret: string }>(201, 'POST', '/api/v1/account/totp')
  const wrong = await first.send('POST', '/api/v1/account/totp/confirm', { code: '000000' })
  expect(await codeOf(wrong)).toEqual([401, 'sign_in'])
  const code = totpCode(secret, step())
  const { recoveryCodes } = await first.json<{ recoveryCodes: string[] }>(200, 'POST', '/api/v1/account/totp/confirm', {
    code,
  })
  expect((await whoami(first)).kind).toBe('user')

  const browser = new TestBrowser(registry.url)
  const answer = await browser.json<SignInAnswer>(201, 'POST', '/api/v1/session', { user: 'ada', password })
  expect(answer.secondFactors).toEqual(['totp', 'recovery code'])
  expect((await whoami(browser)).kind).toBe('unfinished')
  expect(await codeOf(await browser.send('GET', '/api/v1/tokens'))).toEqual([401, 'token_missing'])
  const replayed = await browser.send('POST', '/api/v1/session/second-factor', { totp: code })
  expect(await codeOf(replayed)).toEqual([401, 'sign_in'])
  await browser.json(200, 'POST', '/api/v1/session/second-factor', { recoveryCode: recoveryCodes[0]!.toLowerCase() })
  expect((await whoami(browser)).kind).toBe('user')
  const twice = await browser.send('POST', '/api/v1/session/second-factor', { recoveryCode: recoveryCodes[0] })
  expect(await codeOf(twice)).toEqual([401, 'sign_in'])
})

test('a command line signs in when somebody types its code and says yes, and is seen and ended by them', async () => {
  const registry = await startRegistry()
  const browser = await signedUp(registry)
  const program = new TestBrowser(registry.url)
  const begun = deviceAnswer.parse(await program.json(201, 'POST', '/api/v1/device', { client: 'ingot on lab' }))
  const poll = () => program.send('POST', '/api/v1/device/token', { deviceCode: begun.deviceCode })
  expect((await poll()).status).toBe(202)
  const path = `/api/v1/device/${begun.userCode}`
  expect(await codeOf(await program.send('POST', `${path}/approve`))).toEqual([401, 'token_missing'])
  expect(await browser.json(200, 'GET', path)).toMatchObject({ client: 'ingot on lab' })
  await browser.json(204, 'POST', `${path}/approve`)
  const { token, user } = deviceTokenAnswer.parse(await (await poll()).json())
  expect([user, (await poll()).status]).toEqual(['ada', 401])
  const authorization = `Bearer ${token}`
  const seen = await registry.get('/api/v1/sessions', { authorization })
  const { sessions } = (await seen.json()) as { sessions: { id: string; current: boolean; kind: string }[] }
  expect(sessions.map(({ kind }) => kind).sort()).toEqual(['browser', 'command line'])
  await browser.json(204, 'DELETE', `/api/v1/sessions/${sessions.find(({ current }) => current)!.id}`)
  expect((await registry.get('/api/v1/sessions', { authorization })).status).toBe(401)
})

test('a changed password ends the other sessions; a disabled user has none', async () => {
  const registry = await startRegistry()
  const [first, second] = [await signedUp(registry), new TestBrowser(registry.url)]
  await second.json(201, 'POST', '/api/v1/session', { user: 'ada', password })
  await first.json(204, 'PUT', '/api/v1/account/password', { current: password, password: 'battery staple horse' })
  expect([(await whoami(first)).kind, (await whoami(second)).kind]).toEqual(['user', 'anonymous'])
  const { users } = registry.registry.meta
  await users.setDisabled((await users.byName('ada'))!, true, new Date().toISOString())
  expect((await whoami(first)).kind).toBe('anonymous')
})

test('tokens are made by a session alone, and a network, a pattern and a lifetime bound them', async () => {
  const registry = await startRegistry()
  const browser = await signedUp(registry)
  const make = (more: object) =>
    browser.send('POST', '/api/v1/tokens', { description: 'ci', modules: '@acme/*', permissions: ['read'], ...more })
  for (const wrong of [
    { modules: 'acme' },
    { days: 400 },
    { permissions: ['publish'], days: 91 },
    { networks: ['1.2.3.4'] },
  ]) {
    expect(await codeOf(await make(wrong))).toEqual([400, 'request_invalid'])
  }
  const made = (await (await make({ days: 300 })).json()) as { id: string; token: string }
  expect(made.token).toMatch(/^ingot_r_/)
  const authorization = `Bearer ${made.token}`
  const caller = callerDescription.parse(await (await registry.get('/api/v1/session', { authorization })).json())
  expect(caller).toMatchObject({ kind: 'token', user: { name: 'ada' }, token: { permissions: ['read'] } })
  const another = await fetch(`${registry.url}/api/v1/tokens`, { method: 'POST', headers: { authorization } })
  expect(await codeOf(another)).toEqual([403, 'session_required'])
  const away = (await (await make({ networks: ['192.0.2.0/24'] })).json()) as { token: string }
  const elsewhere = await registry.get('/api/v1/session', { authorization: `Bearer ${away.token}` })
  expect(await codeOf(elsewhere)).toEqual([403, 'token_scope'])
  await browser.json(204, 'DELETE', `/api/v1/tokens/${made.id}`)
  expect(await codeOf(await registry.get('/api/v1/session', { authorization }))).toEqual([401, 'token_expired'])
})
