import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openStorage, type StorageOptions } from '@ingot/registry-server'
import { operatorToken, publishTo, RegistryProcess, signIn, testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { until } from '../servers/process.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

/** A receiver that notes the id of every message and answers when `answer` does. */
async function receiver(answer: (response: ServerResponse) => void) {
  const ids: string[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      ids.push(String(request.headers['webhook-id']))
      answer(response)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ids }
}

async function serve(storage: StorageOptions): Promise<RegistryProcess> {
  const started = await RegistryProcess.start({ ...storage, webhooks: { allowPrivate: true } })
  onTestFinished(() => started.kill())
  return started
}

/** What owners of a scope ask a server for. */
async function asOwner(storage: StorageOptions) {
  const { meta, close } = await openStorage(storage)
  const headers = await signIn({ meta }, { name: 'ann', roles: { '@acme': 'owner' } })
  const { authorization } = await operatorToken({ meta }, ['publish'])
  await close()
  const post = async (url: string, body: object) => {
    const sent = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
    const response = await fetch(url, { ...sent, body: JSON.stringify(body) })
    expect(response.status).toBe(201)
  }
  return { post, token: authorization.replace('Bearer ', '') }
}

const databases = storagePairs.filter(({ blobs }) => blobs === 'files')

describe.each(databases)('webhooks in $database', { timeout: 120_000 }, (pair) => {
  test('are told everything once by several servers', async (context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    const storage = await stores.storage(pair)
    const { url, ids } = await receiver((response) => void response.end())
    const replicas = [await serve(storage), await serve(storage), await serve(storage)]
    const { post } = await asOwner(storage)
    const hooks = `${replicas[0]!.url}/api/v1/scopes/@acme/webhooks`
    const made = 12
    for (let n = 0; n < made; n++) await post(hooks, { url: `${url}${n}`, events: ['publish'] })
    const { meta, close } = await openStorage(storage)
    onTestFinished(close)
    await until(async () => {
      const left = await meta.database.read
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('state', '!=', 'delivered')
        .execute()
      return left.length === 0
    }, 'every delivery to be noted')
    expect(new Set(ids).size).toBe(made)
    expect(ids).toHaveLength(made)
  })

  test('are told again, under the same id, what a server was killed over', async (context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    const storage = await stores.storage(pair)
    let hangs = true
    const { url, ids } = await receiver((response) => void (hangs || response.end()))
    const first = await serve(storage)
    const { post } = await asOwner(storage)
    await post(`${first.url}/api/v1/scopes/@acme/webhooks`, { url, events: ['publish'] })
    // Sent, and not noted.
    await until(() => ids.length === 1, 'the first attempt')
    await first.kill()
    hangs = false
    const { meta, close } = await openStorage(storage)
    onTestFinished(close)
    const state = () => meta.database.read.selectFrom('webhook_deliveries').selectAll().executeTakeFirstOrThrow()
    expect(await state()).toMatchObject({ state: 'waiting', attempts: 1, status: null })
    // As when the minute has passed in which it was somebody's.
    await meta.database.write((transaction) =>
      transaction
        .updateTable('webhook_deliveries')
        .set({ due_at: new Date(0).toISOString(), sending_until: new Date(0).toISOString() })
        .execute(),
    )
    await serve(storage)
    await until(async () => (await state()).state === 'delivered', 'the second attempt')
    expect(await state()).toMatchObject({ attempts: 2, status: 200 })
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  test('have a bounded queue, bounded memory of the past, and end after days of failure', async (context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
    const storage = await stores.storage(pair)
    const { meta, close } = await openStorage(storage)
    onTestFinished(close)
    const author = { actor: 'user:ann', token: null, ip: '', at: '2026-11-01T00:00:00.000Z' }
    const made = await meta.webhooks.create(
      { scope: '@acme', url: 'https://hooks.example/', description: '', events: ['publish'], secret: 'whsec_AAAA' },
      author,
    )
    const webhookId = made!.id
    for (let n = 1; n < 1_000; n++) await meta.webhooks.ping('@acme', webhookId, author.at)
    expect(await meta.webhooks.ping('@acme', webhookId, author.at)).toBe('full')
    expect(await meta.webhooks.find('@acme', webhookId)).toMatchObject({ waiting: 1_000, dropped: 1 })

    const failed = { delivered: false, gone: false, status: 500, failure: 'no', response: '', retryAfterMs: undefined }
    let now = new Date('2026-11-01T00:00:00.000Z')
    const attempt = async (outcome: typeof failed) => {
      const claimed = await meta.deliveries.claim(now)
      // To one receiver one is under way at a time.
      expect(await meta.deliveries.claim(now)).toBeUndefined()
      await meta.deliveries.settle(claimed!, outcome, now)
    }
    await attempt(failed)
    expect(await meta.webhooks.find('@acme', webhookId)).toMatchObject({ failingSince: now.toISOString() })
    await attempt({ ...failed, delivered: true, status: 200 })
    expect(await meta.webhooks.find('@acme', webhookId)).toMatchObject({ failingSince: null, waiting: 999 })
    await attempt(failed)
    now = new Date('2026-11-06T00:00:01.000Z')
    await attempt(failed)
    expect(await meta.webhooks.find('@acme', webhookId)).toMatchObject({
      disabledAt: now.toISOString(),
      disabledBecause: 'nothing has arrived since 2026-11-01T00:00:00.000Z',
      waiting: 0,
    })
    expect(await meta.deliveries.claim(now)).toBeUndefined()
    await meta.deliveries.sweep(now)
    expect((await meta.deliveries.list(webhookId, 2_000)).length).toBeLessThanOrEqual(200)
  })
})

test(
  'the outbox of an event and its deliveries survive a kill right after the publish',
  { timeout: 60_000 },
  async () => {
    const storage = await stores.storage(databases[0]!)
    const { url, ids } = await receiver((response) => void response.end())
    const first = await serve(storage)
    const { post, token } = await asOwner(storage)
    await post(`${first.url}/api/v1/scopes/@acme/webhooks`, { url, events: ['publish'] })
    await until(() => ids.length === 1, 'the ping')
    const answer = await publishTo(first.url, token, testModule())
    expect(answer.status).toBe(201)
    await first.kill()
    await serve(storage)
    await until(() => ids.length >= 2, 'the publish to be told')
  },
)
