import { callerDescription, problemDocument } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { TestAuthenticator, type Misbehaviour } from '../../testing/authenticator.ts'
import { TestBrowser } from '../../testing/browser.ts'
import { signedUp } from '../../testing/signed-up.ts'
import { startRegistry, type TestRegistry } from '../../testing/test-registry.ts'

/** The address that the registry has for others, whatever it listens on. */
const origin = 'http://registry.test'

type Options = Parameters<TestAuthenticator['get']>[0]

async function refusal(response: Response): Promise<readonly [number, string, string]> {
  const { code, detail } = problemDocument.parse(await response.json())
  return [response.status, code, detail ?? '']
}

/** Adds a passkey to the account that the browser is signed in to. */
async function addPasskey(browser: TestBrowser, key: TestAuthenticator, name = 'Laptop') {
  const options = await browser.json<Options>(201, 'POST', '/api/v1/account/passkeys/options')
  const body = { name, response: key.create(options) }
  return browser.json<{ passkey: { id: string }; recoveryCodes: string[] }>(
    201,
    'POST',
    '/api/v1/account/passkeys',
    body,
  )
}

function ask(browser: TestBrowser, what = 'sign-in'): Promise<Options> {
  return browser.json<Options>(201, 'POST', '/api/v1/session/passkey/options', { for: what })
}

async function signInBy(browser: TestBrowser, key: TestAuthenticator, wrong: Misbehaviour = {}): Promise<Response> {
  return browser.send('POST', '/api/v1/session/passkey', { response: key.get(await ask(browser), wrong) })
}

async function whoami(browser: TestBrowser) {
  return callerDescription.parse(await browser.json(200, 'GET', '/api/v1/session'))
}

/** What the audit trail says of refusals. */
async function refusals({ registry }: TestRegistry): Promise<{ subject: string; after: unknown }[]> {
  const entries = await registry.meta.audit.page({ action: 'session.refuse' }, { after: -1 }, 100)
  return entries.map(({ subject, after }) => ({ subject, after }))
}

test('a passkey signs its owner in with both factors, and is listed with its last use, renamed and removed', async () => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada')
  const key = new TestAuthenticator(origin)
  const { passkey, recoveryCodes } = await addPasskey(ada, key)
  expect(recoveryCodes).toHaveLength(10)

  const browser = new TestBrowser(registry.url)
  expect((await signInBy(browser, key)).status).toBe(201)
  const caller = await whoami(browser)
  expect(caller).toMatchObject({ kind: 'user', user: { name: 'ada', hasSecondFactor: true } })
  expect(caller.session!.secondFactorAt).not.toBeNull()
  // A second one brings no codes: those of the first are good.
  expect((await addPasskey(browser, new TestAuthenticator(origin), 'Drawer')).recoveryCodes).toEqual([])
  await browser.json(204, 'PATCH', `/api/v1/account/passkeys/${passkey.id}`, { name: 'Old laptop' })
  const factors = () =>
    browser.json<{ passkeys: { name: string; lastUsedAt: string | null }[] }>(200, 'GET', '/api/v1/account/factors')
  expect((await factors()).passkeys).toMatchObject([
    { name: 'Old laptop', lastUsedAt: expect.stringMatching(/^2/) },
    { name: 'Drawer', lastUsedAt: null },
  ])
  await browser.json(204, 'DELETE', `/api/v1/account/passkeys/${passkey.id}`)
  expect((await factors()).passkeys.map(({ name }) => name)).toEqual(['Drawer'])
  expect(await refusal(await signInBy(new TestBrowser(registry.url), key))).toEqual([
    401,
    'sign_in',
    'Cannot take this passkey: no account has it',
  ])
})

test('a passkey is the second factor of a password, and of a session that wants one again', async () => {
  const registry = await startRegistry()
  const key = new TestAuthenticator(origin)
  await addPasskey(await signedUp(registry, 'ada'), key)
  const browser = new TestBrowser(registry.url)
  const credentials = { user: 'ada', password: 'correct horse battery' }
  const answer = await browser.json<{ secondFactors: string[] }>(201, 'POST', '/api/v1/session', credentials)
  expect(answer.secondFactors).toEqual(['passkey', 'recovery code'])
  expect((await whoami(browser)).kind).toBe('unfinished')
  for (let times = 0; times < 2; times++) {
    const passkey = key.get(await ask(browser, 'second-factor'))
    await browser.json(200, 'POST', '/api/v1/session/second-factor', { passkey })
    expect((await whoami(browser)).kind).toBe('user')
  }
})

test('refuses an answer that was given before, in another browser, or to nothing that was asked', async () => {
  const registry = await startRegistry()
  const key = new TestAuthenticator(origin)
  await addPasskey(await signedUp(registry, 'ada'), key)
  const [browser, thief] = [new TestBrowser(registry.url), new TestBrowser(registry.url)]
  const response = key.get(await ask(browser))
  const nothing = [401, 'sign_in', 'Cannot take this passkey: it answers nothing that was asked here a short while ago']
  await ask(thief)
  expect(await refusal(await thief.send('POST', '/api/v1/session/passkey', { response }))).toEqual(nothing)
  await browser.json(201, 'POST', '/api/v1/session/passkey', { response })
  expect(await refusal(await browser.send('POST', '/api/v1/session/passkey', { response }))).toEqual(nothing)
  expect(await refusal(await signInBy(thief, key, { challenge: 'AAAA' }))).toEqual(nothing)
  // What was asked to sign in is no second factor, and what is asked in a session is not answered in another.
  await thief.json(201, 'POST', '/api/v1/session', { user: 'ada', password: 'correct horse battery' })
  const forSignIn = key.get(await ask(thief))
  expect(await refusal(await thief.send('POST', '/api/v1/session/second-factor', { passkey: forSignIn }))).toEqual(
    nothing,
  )
  const forSession = key.get(await ask(browser, 'second-factor'))
  expect(await refusal(await thief.send('POST', '/api/v1/session/second-factor', { passkey: forSession }))).toEqual(
    nothing,
  )
})

test.each<[string, Misbehaviour, RegExp]>([
  [
    'on a page of another site',
    { origin: 'https://evil.example' },
    /used on a page of "https:\/\/evil.example", want "http:\/\/registry.test"/,
  ],
  ['for another host', { rpId: 'evil.example' }, /RP ID/],
  ['without verifying who holds it', { userVerified: false }, /verif/i],
  ['for another account', { userHandle: Buffer.from('someone').toString('base64url') }, /another account/],
])('refuses a passkey that was used %s, and writes it down', async (_, wrong, detail) => {
  const registry = await startRegistry()
  const key = new TestAuthenticator(origin)
  await addPasskey(await signedUp(registry, 'ada'), key)
  const refused = await refusal(await signInBy(new TestBrowser(registry.url), key, wrong))
  expect(refused).toEqual([401, 'sign_in', expect.stringMatching(detail)])
  expect(await refusals(registry)).toEqual([
    { subject: 'user:ada', after: { method: 'passkey', reason: expect.stringMatching(detail) } },
  ])
})

test.each<[string, Misbehaviour]>([
  ['made on a page of another site', { origin: 'https://evil.example' }],
  ['made for another host', { rpId: 'evil.example' }],
  ['made without verifying anybody', { userVerified: false }],
  ['that answers nothing that was asked', { challenge: 'AAAA' }],
])('takes no new passkey %s', async (_, wrong) => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada')
  const options = await ada.json<Options>(201, 'POST', '/api/v1/account/passkeys/options')
  const response = new TestAuthenticator(origin).create(options, wrong)
  const answer = await ada.send('POST', '/api/v1/account/passkeys', { name: 'x', response })
  expect((await refusal(answer)).slice(0, 2)).toEqual([401, 'sign_in'])
  expect((await whoami(ada)).user!.hasSecondFactor).toBe(false)
})

test('refuses a passkey of somebody else as a second factor, and one key in two accounts', async () => {
  const registry = await startRegistry()
  const [ada, eve] = [await signedUp(registry, 'ada'), await signedUp(registry, 'eve')]
  const [hers, own] = [new TestAuthenticator(origin), new TestAuthenticator(origin)]
  await addPasskey(ada, hers)
  await addPasskey(eve, own)
  const thief = new TestBrowser(registry.url)
  await thief.json(201, 'POST', '/api/v1/session', { user: 'ada', password: 'correct horse battery' })
  const passkey = own.get(await ask(thief, 'second-factor'))
  const refused = await refusal(await thief.send('POST', '/api/v1/session/second-factor', { passkey }))
  expect(refused).toEqual([401, 'sign_in', 'Cannot take this passkey: it is one of another account'])
  expect((await whoami(thief)).kind).toBe('unfinished')
  expect((await refusals(registry)).map(({ subject }) => subject)).toEqual(['user:ada'])
  const options = await eve.json<Options>(201, 'POST', '/api/v1/account/passkeys/options')
  const again = await eve.send('POST', '/api/v1/account/passkeys', { name: 'x', response: hers.create(options) })
  expect((await refusal(again)).slice(0, 2)).toEqual([409, 'exists'])
})

test('refuses a key whose counter goes back, however many servers are asked, and takes one that never counts', async () => {
  const registry = await startRegistry()
  const second = await startRegistry({ dataDir: registry.dataDir })
  const ada = await signedUp(registry, 'ada')
  const key = new TestAuthenticator(origin)
  await addPasskey(ada, key)
  expect((await signInBy(new TestBrowser(registry.url), key, { counter: 7 })).status).toBe(201)
  for (const counter of [7, 6, 0]) {
    const copy = await signInBy(new TestBrowser(second.url), key, { counter })
    expect(await refusal(copy)).toEqual([401, 'sign_in', expect.stringContaining('its counter has gone back')])
  }
  const both = await Promise.all(
    [registry, second].map(({ url }) => signInBy(new TestBrowser(url), key, { counter: 8 })),
  )
  expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 401])
  expect(await refusals(registry)).toHaveLength(4)

  const still = new TestAuthenticator(origin)
  const options = await ada.json<Options>(201, 'POST', '/api/v1/account/passkeys/options')
  await ada.json(201, 'POST', '/api/v1/account/passkeys', {
    name: 'x',
    response: still.create(options, { counter: 0 }),
  })
  for (let times = 0; times < 2; times++) {
    expect((await signInBy(new TestBrowser(registry.url), still, { counter: 0 })).status).toBe(201)
  }
})

test('keeps the last way in; without any factor recovery codes are gone too', async () => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada')
  const { passkey } = await addPasskey(ada, new TestAuthenticator(origin))
  const { meta } = registry.registry
  const setPassword = (password: string | null) =>
    meta.database.write((transaction) => transaction.updateTable('users').set({ password }).execute())
  await setPassword(null)
  const refused = await ada.send('DELETE', `/api/v1/account/passkeys/${passkey.id}`)
  expect((await refusal(refused)).slice(0, 2)).toEqual([409, 'last_factor'])
  await setPassword('scrypt$')
  await ada.json(204, 'DELETE', `/api/v1/account/passkeys/${passkey.id}`)
  const user = (await meta.users.byName('ada'))!
  expect([user.hasSecondFactor, await meta.factors.recoveryCodesLeft(user.id)]).toEqual([false, 0])
})

test('an account is changed by who has signed in a short while ago, and no challenge is kept beyond five', async () => {
  const registry = await startRegistry()
  const ada = await signedUp(registry, 'ada')
  const { database } = registry.registry.meta
  for (let times = 0; times < 8; times++) await ada.json(201, 'POST', '/api/v1/account/passkeys/options')
  expect(await database.read.selectFrom('challenges').select('challenge').execute()).toHaveLength(5)
  const longAgo = new Date(Date.now() - 11 * 60_000).toISOString()
  await database.write((transaction) => transaction.updateTable('sessions').set({ created_at: longAgo }).execute())
  for (const path of ['/api/v1/account/passkeys/options', '/api/v1/account/totp']) {
    expect((await refusal(await ada.send('POST', path))).slice(0, 2)).toEqual([403, 'sign_in_again'])
  }
  await database.write((transaction) => transaction.updateTable('challenges').set({ expires_at: longAgo }).execute())
  await ask(new TestBrowser(registry.url))
  expect(await database.read.selectFrom('challenges').select('purpose').execute()).toEqual([{ purpose: 'sign-in' }])
})
