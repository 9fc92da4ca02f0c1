import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newWebhookAnswer, webhookDelivery, webhookDescription, type WebhookDelivery } from '@ingot/manifest'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

const patience = { timeout: 15_000, interval: 50 }
type Headers = Record<string, string>

interface Message {
  readonly headers: Record<string, string>
  readonly body: string
}

/** A receiver on this machine that answers with what `answer` says. */
async function receiver(answer: (message: Message) => { status: number; headers?: Headers; body?: string }) {
  const messages: Message[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const message = { headers: request.headers as Record<string, string>, body }
      messages.push(message)
      const { status, headers = {}, body: text = '' } = answer(message)
      response.writeHead(status, headers).end(text)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, messages }
}

async function ask<T>(
  registry: TestRegistry,
  as: Headers,
  [method, path, body]: readonly [string, string, unknown?],
  schema: z.ZodType<T>,
): Promise<T> {
  const response = await fetch(`${registry.url}/api/v1${path}`, {
    method,
    headers: { ...as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return schema.parse(text === '' ? undefined : JSON.parse(text))
}

const path = '/scopes/@acme/webhooks'
const deliveriesAnswer = z.object({ deliveries: z.array(webhookDelivery) })
const allowPrivate = { webhooks: { allowPrivate: true } }

async function deliveries(registry: TestRegistry, as: Headers, id: string): Promise<WebhookDelivery[]> {
  return (await ask(registry, as, ['GET', `${path}/${id}/deliveries`], deliveriesAnswer)).deliveries
}

test('a webhook is pinged, told what was chosen, signed as a library of others verifies, and replayed', async () => {
  const registry = await startRegistry(allowPrivate)
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const { url, messages } = await receiver(() => ({ status: 200, body: 'thanks' }))
  const events = ['publish', 'capability_increase']
  const made = await ask(registry, owner, ['POST', path, { url, events, description: 'builds' }], newWebhookAnswer)
  const secrets = [made.secret]
  const verified = (message: Message) =>
    secrets.map((secret) => new Webhook(secret).verify(message.body, message.headers) as { type: string; data: object })
  await vi.waitFor(
    () => expect(messages.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['ping']),
    patience,
  )

  await registry.publish(testModule(), owner)
  await registry.publish(testModule({ name: '@acme/other' }))
  const capabilities = { 'http.request': [{ why: 'Asks.', from: 'endpoint.url' }] }
  await registry.registry.meta.scopes.setPolicy(
    '@acme',
    { holdOnCapabilityIncrease: false },
    {
      actor: 'test',
      token: null,
      ip: '',
      registry: registry.url,
      at: new Date().toISOString(),
    },
  )
  await registry.publish(testModule({ version: '1.1.0', component: { capabilities } }), owner)
  await vi.waitFor(() => expect(messages).toHaveLength(5), patience)
  const told = messages.slice(1).map((message) => verified(message)[0]!)
  expect(told.map(({ type }) => type)).toEqual(['publish', 'publish', 'publish', 'capability_increase'])
  expect(told[3]!.data).toMatchObject({
    subject: '@acme/redact@1.1.0',
    module: '@acme/redact',
    version: '1.1.0',
    capabilityIncrease: ['http.request of endpoint.url'],
  })
  expect(() =>
    new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(messages[0]!.body, messages[0]!.headers),
  ).toThrow()

  // For a day both secrets verify.
  secrets.push((await ask(registry, owner, ['POST', `${path}/${made.id}/rotate`], newWebhookAnswer)).secret)
  const [last] = await deliveries(registry, owner, made.id)
  const replayed = await ask(
    registry,
    owner,
    ['POST', `${path}/${made.id}/deliveries/${last!.id}/replay`],
    webhookDelivery,
  )
  expect(replayed.id).toBe(last!.id)
  await vi.waitFor(() => expect(messages).toHaveLength(6), patience)
  expect(verified(messages[5]!)).toHaveLength(2)
  expect(messages[5]!.headers['webhook-id']).toBe(last!.id)
  await vi.waitFor(async () => {
    const shown = await deliveries(registry, owner, made.id)
    expect(shown.map(({ state, status, response }) => [state, status, response])).toEqual(
      Array.from({ length: 5 }, () => ['delivered', 200, 'thanks']),
    )
  }, patience)
  const { webhooks } = await ask(registry, owner, ['GET', path], z.object({ webhooks: z.array(webhookDescription) }))
  expect(JSON.stringify(webhooks)).not.toContain('whsec_')
  await ask(registry, owner, ['DELETE', `${path}/${made.id}`], z.undefined())
  expect(await registry.registry.meta.database.read.selectFrom('webhook_deliveries').selectAll().execute()).toEqual([])
})

test('what fails is tried again with patience; redirects are not followed; what is gone is disabled', async () => {
  const registry = await startRegistry(allowPrivate)
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const inside = await receiver(() => ({ status: 200, body: 'a secret of the inside' }))
  const answers = [
    { status: 302, headers: { location: inside.url }, body: 'over there' },
    { status: 503, headers: { 'retry-after': '7200' } },
    { status: 410 },
  ]
  const outside = await receiver(() => answers[outside.messages.length - 1] ?? { status: 200 })
  const { id } = await ask(registry, owner, ['POST', path, { url: outside.url, events: ['yank'] }], newWebhookAnswer)
  const settled = async (attempts: number): Promise<WebhookDelivery> =>
    vi.waitFor(async () => {
      const [delivery] = await deliveries(registry, owner, id)
      expect([delivery!.attempts, delivery!.status]).toEqual([attempts, answers[attempts - 1]!.status])
      return delivery!
    }, patience)
  const hasten = () =>
    registry.registry.meta.database.write((transaction) =>
      transaction
        .updateTable('webhook_deliveries')
        .set({ due_at: new Date(0).toISOString() })
        .execute(),
    )
  expect(await settled(1)).toMatchObject({
    state: 'waiting',
    failure: 'found status 302, want 2xx; redirects are not followed',
    response: 'over there',
  })
  expect(inside.messages).toEqual([])
  await hasten()
  const second = await settled(2)
  // The receiver asked for two hours, which is more than the five minutes that it would have been.
  expect(Date.parse(second.dueAt!) - Date.parse(second.attemptedAt!)).toBeGreaterThan(7_100_000)
  expect(await ask(registry, owner, ['GET', `${path}/${id}`], webhookDescription)).toMatchObject({
    failingSince: expect.any(String) as string,
    disabledAt: null,
  })
  await hasten()
  await vi.waitFor(async () => {
    const webhook = await ask(registry, owner, ['GET', `${path}/${id}`], webhookDescription)
    expect(webhook).toMatchObject({ disabledBecause: 'its address answered that it is gone (410)', waiting: 0 })
  }, patience)
  expect((await deliveries(registry, owner, id))[0]).toMatchObject({ state: 'failed' })
  await expect(ask(registry, owner, ['POST', `${path}/${id}/ping`], z.unknown())).rejects.toThrow('webhook_disabled')
  const audit = await ask(
    registry,
    owner,
    ['GET', '/scopes/@acme/audit?action=webhook.disable'],
    z.object({ entries: z.array(z.object({ actor: z.string() })) }),
  )
  expect(audit.entries).toEqual([{ actor: 'registry' }])
  const enabled = await ask(registry, owner, ['PATCH', `${path}/${id}`, { enabled: true }], webhookDescription)
  expect(enabled).toMatchObject({ disabledAt: null, failingSince: null })
})

test('the webhooks of the registry are told of no private scope', async () => {
  const registry = await startRegistry(allowPrivate)
  const { meta } = registry.registry
  const staff = await signIn(registry.registry, { name: 'sam', staff: true })
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner', '@dark': 'owner' } })
  const { url, messages } = await receiver(() => ({ status: 204 }))
  await ask(registry, staff, ['POST', '/webhooks', { url, events: ['publish', 'policy', 'stage'] }], newWebhookAnswer)
  const author = { actor: 'test', token: null, ip: '', registry: registry.url, at: new Date().toISOString() }
  await meta.scopes.setPolicy('@dark', { visibility: 'private' }, author)
  expect((await registry.publish(testModule({ name: '@dark/secret' }), owner)).status).toBe(201)
  expect((await registry.publish(testModule(), owner)).status).toBe(201)
  await vi.waitFor(() => expect(messages).toHaveLength(2), patience)
  expect(messages.map(({ body }) => (JSON.parse(body) as { data: { subject?: string } }).data.subject)).toEqual([
    undefined,
    '@acme/redact@1.0.0',
  ])
  expect(JSON.stringify(messages)).not.toContain('dark')
  const stored = await meta.database.read.selectFrom('webhook_deliveries').select('body').execute()
  expect(JSON.stringify(stored)).not.toContain('dark')
})

test.each([
  ['http://hooks.example/', 'begins with \\"https://\\"'],
  ['file:///etc/passwd', 'begins with \\"https://\\"'],
  ['nonsense', 'begins with \\"https://\\"'],
  ['https://ann:secret@hooks.example/', 'a name or a password'],
  ['https://hooks.example/#part', 'found a \\"#\\"'],
  ['https://localhost/', 'the public internet'],
  ['https://127.0.0.1/', 'the public internet'],
  ['https://0x7f000001/', 'the public internet'],
  ['https://169.254.169.254/latest/meta-data', 'the public internet'],
  ['https://[::ffff:10.0.0.1]/', 'the public internet'],
  ['https://[::1]/', 'the public internet'],
])('%s is no address for a webhook', async (url, why) => {
  const registry = await startRegistry()
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const asked = ask(registry, owner, ['POST', path, { url, events: ['publish'] }], z.unknown())
  await expect(asked).rejects.toThrow(why)
  await expect(asked).rejects.not.toThrow('secret@')
})

test('a name that leads inside is looked at each time, and nothing is sent there', async () => {
  const inside = await receiver(() => ({ status: 200 }))
  const answers = [['93.184.216.34', '127.0.0.1'], ['127.0.0.1'], ['fd00::1'], ['64:ff9b::7f00:1']]
  let asked = 0
  const registry = await startRegistry({
    webhooks: {
      resolve: async () => answers[asked++ % answers.length]!.map((address) => ({ address, family: 4 as const })),
    },
  })
  const owner = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  const url = `https://rebinding.example:${new URL(inside.url).port}/`
  const { id } = await ask(registry, owner, ['POST', path, { url, events: ['publish'] }], newWebhookAnswer)
  for (let attempt = 1; attempt <= answers.length; attempt++) {
    await vi.waitFor(async () => {
      const [delivery] = await deliveries(registry, owner, id)
      expect(delivery).toMatchObject({
        attempts: attempt,
        failure: expect.stringContaining('its address is refused') as string,
      })
    }, patience)
    await registry.registry.meta.database.write((transaction) =>
      transaction
        .updateTable('webhook_deliveries')
        .set({ due_at: new Date(0).toISOString(), failure: null })
        .execute(),
    )
  }
  expect(inside.messages).toEqual([])
})
