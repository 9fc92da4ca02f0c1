import { Labels, LogsBatchBuilder, type LogsBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, testComponent, until, type FakeEnv, type ReceivedRequest } from '@ingot/testing'
import * as fc from 'fast-check'
import { uncompressSync } from 'snappy'
import { parse } from 'protobufjs'
import { expect, test } from 'vitest'
import write from './component.ts'

const url = 'http://loki:3100/loki/api/v1/push'

function batchOf(
  lines: readonly string[],
  labels: Record<string, string> | ((i: number) => Record<string, string>) = { app: 'x' },
): LogsBatch {
  const builder = new LogsBatchBuilder()
  const sets = new Map<string, Labels>()
  lines.forEach((line, i) => {
    const pairs = Labels.from(Object.entries(typeof labels === 'function' ? labels(i) : labels))
    const set = sets.get(pairs.key) ?? pairs
    sets.set(pairs.key, set)
    const bytes = Buffer.from(line)
    builder.append(builder.stream(set), bytes, 0, bytes.length, 1_700_000_000 + i, i)
  })
  return builder.build()
}

const schema = `syntax = "proto3";
message PushRequest { repeated Stream streams = 1; }
message Stream { string labels = 1; repeated Entry entries = 2; }
message Entry { Timestamp timestamp = 1; string line = 2; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }`
const pushRequest = parse(schema).root.lookupType('PushRequest')

interface Pushed {
  readonly streams: readonly { readonly labels: string; readonly entries: readonly { readonly line: string }[] }[]
}

function pushed(request: ReceivedRequest): Record<string, string[]> {
  const bytes = uncompressSync(Buffer.from(request.body)) as Buffer
  const { streams } = pushRequest.toObject(pushRequest.decode(bytes), { arrays: true, defaults: true }) as Pushed
  return Object.fromEntries(streams.map(({ labels, entries }) => [labels, entries.map(({ line }) => line)]))
}

async function start(args: object, env: FakeEnv) {
  const run = await runComponent(write, { args, env })
  return { run, env, requests: env.http.requests }
}

function answering(status = 204): FakeEnv {
  const env = fakeEnv()
  env.http.respond(url, { status })
  return env
}

testComponent(
  write,
  { args: { endpoint: [{ url }] }, env: () => answering(), send: [{ port: 'receiver', batch: batchOf(['one']) }] },
  { test },
)

test('loki.write pushes entries with their labels, external labels and headers after batch_wait', async () => {
  const endpoint = {
    url,
    headers: { 'X-Extra': 'yes' },
    tenant_id: 'team',
    basic_auth: { username: 'u', password: 'p' },
  }
  const { run, env, requests } = await start(
    { endpoint: [endpoint], external_labels: { app: 'outer', env: 'prod' } },
    answering(),
  )
  const outcome = run.send('receiver', batchOf(['one', 'two']))
  await env.clock.advance(999)
  expect(requests).toHaveLength(0)
  await env.clock.advance(1)
  expect(await outcome).toEqual({ status: 'delivered' })
  expect(pushed(requests[0]!)).toEqual({ '{app="x", env="prod"}': ['one', 'two'] })
  expect(requests[0]!.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'x-scope-orgid': 'team',
    'x-extra': 'yes',
    authorization: `Basic ${btoa('u:p')}`,
  })
  run.ledger.balance()
  await run.stop()
})

test('loki.write joins batches up to batch_size, splits larger ones, and keeps each stream in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 300 })), { maxLength: 20 }),
        { maxLength: 6 },
      ),
      async (batches) => {
        const { run, env, requests } = await start({ endpoint: [{ url, batch_size: '500B' }] }, answering())
        let serial = 0
        const wanted: Record<string, string[]> = {}
        const outcomes = batches.map((entries) => {
          const lines = entries.map(([, length]) => `${serial++} ${'x'.repeat(length)}`)
          entries.forEach(([app], i) => (wanted[`{app="${app}"}`] ??= []).push(lines[i]!))
          return run.send(
            'receiver',
            batchOf(lines, (i) => ({ app: entries[i]![0] })),
          )
        })
        await env.clock.advance(1000)
        for (const outcome of outcomes) expect(await outcome).toEqual({ status: 'delivered' })
        const found: Record<string, string[]> = {}
        for (const request of requests) {
          const streams = pushed(request)
          const bytes = Object.values(streams)
            .flat()
            .reduce((sum, line) => sum + line.length, 0)
          expect(bytes <= 500 || Object.values(streams).flat().length === 1).toBe(true)
          for (const [labels, lines] of Object.entries(streams)) (found[labels] ??= []).push(...lines)
        }
        expect(found).toEqual(wanted)
        run.ledger.balance()
        await run.stop()
      },
    ),
    { numRuns: 30 },
  )
})

test('loki.write sends each tenant its own request, without the tenant label', async () => {
  const { run, env, requests } = await start({ endpoint: [{ url, tenant_id: 'default' }] }, answering())
  const labels = (i: number) => ({ app: 'x', ...(i > 0 && { __tenant_id__: `t${i}` }) })
  const outcome = run.send('receiver', batchOf(['one', 'two', 'three'], labels))
  await env.clock.advance(1000)
  expect(await outcome).toEqual({ status: 'delivered' })
  const byTenant = Object.fromEntries(requests.map((request) => [request.headers['x-scope-orgid'], pushed(request)]))
  expect(byTenant).toEqual({
    default: { '{app="x"}': ['one'] },
    t1: { '{app="x"}': ['two'] },
    t2: { '{app="x"}': ['three'] },
  })
  run.ledger.balance()
  await run.stop()
})

test('loki.write sends again after 429, 5xx and no answer, and waits as long as the server asks', async () => {
  const env = fakeEnv()
  const answers = [{ status: 429, headers: { 'Retry-After': '30' } }, { status: 500 }, undefined, { status: 204 }]
  env.http.respond(url, () => {
    const answer = answers.shift()
    if (!answer) throw new Error('connection reset')
    return answer
  })
  const { run, requests } = await start({ endpoint: [{ url, batch_wait: '0s' }] }, env)
  const outcome = run.send('receiver', batchOf(['one']))
  await env.clock.advance(29_000)
  expect(requests).toHaveLength(1)
  expect(run.health.state).toBe('unhealthy')
  await env.clock.advance(60_000)
  expect(await outcome).toEqual({ status: 'delivered' })
  expect(requests).toHaveLength(4)
  expect(new Set(requests.map(({ body }) => Buffer.from(body).toString('hex'))).size).toBe(1)
  expect(run.health.state).toBe('healthy')
  run.ledger.balance()
  await run.stop()
})

test('loki.write drops what the server will never take, and what it has refused too often', async () => {
  for (const [status, args, reason] of [
    [400, {}, 'ingester_error'],
    [429, { retry_on_http_429: false }, 'rate_limited'],
    [503, { max_backoff_retries: 2, min_backoff_period: '10ms', max_backoff_period: '20ms' }, 'ingester_error'],
  ] as const) {
    const { run, env } = await start({ endpoint: [{ url, ...args }] }, answering(status))
    const outcome = run.send('receiver', batchOf(['one', 'two']))
    await env.clock.advance(2000)
    expect(await outcome).toEqual({ status: 'dropped', reason })
    expect(run.ledger.snapshot.dropped).toEqual({ [reason]: 2 })
    run.ledger.balance()
    await run.stop()
  }
})

test('loki.write settles each endpoint by itself, and its counts balance', async () => {
  const other = 'http://other:3100/push'
  const env = answering()
  env.http.respond(other, { status: 400 })
  const { run } = await start({ endpoint: [{ url }, { url: other }] }, env)
  const outcome = run.send('receiver', batchOf(['one', 'two', 'three']))
  await env.clock.advance(1000)
  expect(await outcome).toEqual({ status: 'delivered' })
  expect(run.ledger.snapshot).toMatchObject({ in: 3, created: 3, out: 3, dropped: { ingester_error: 3 } })
  run.ledger.balance()
  await run.stop()
})

test('loki.write drops entries of streams beyond max_streams', async () => {
  const { run, env, requests } = await start({ endpoint: [{ url }], max_streams: 2 }, answering())
  const outcome = run.send(
    'receiver',
    batchOf(['1', '2', '3', '4'], (i) => ({ app: `a${i % 3}` })),
  )
  await env.clock.advance(1000)
  expect(await outcome).toEqual({ status: 'delivered' })
  expect(pushed(requests[0]!)).toEqual({ '{app="a0"}': ['1', '4'], '{app="a1"}': ['2'] })
  expect(run.ledger.snapshot.dropped).toEqual({ stream_limited: 1 })
  run.ledger.balance()
  await run.stop()
})

test('loki.write sends what it holds when it stops', async () => {
  const { run, requests } = await start({ endpoint: [{ url, batch_wait: '1h' }] }, answering())
  const outcome = run.send('receiver', batchOf(['one']))
  expect(await run.stop()).toBe(true)
  expect(await outcome).toEqual({ status: 'delivered' })
  expect(requests).toHaveLength(1)
})

test('loki.write refuses what it cannot send within drain_timeout, so that the source keeps it', async () => {
  const { run, env } = await start({ endpoint: [{ url, queue_config: { drain_timeout: '5s' } }] }, answering(503))
  const outcome = run.send('receiver', batchOf(['one']))
  await env.clock.advance(1500)
  const stopped = run.stop()
  await env.clock.advance(5000)
  expect(await outcome).toEqual({ status: 'refused', reason: 'stopped' })
  expect(await stopped).toBe(true)
  run.ledger.balance()
})

test('loki.write makes batches wait while its queue is full, or drops them when told so', async () => {
  const answers: (() => void)[] = []
  const env = fakeEnv()
  env.http.respond(url, () => new Promise((resolve) => answers.push(() => resolve({ status: 204 }))))
  const big = batchOf(['x'.repeat(900)])
  const queue = { url, batch_size: '900B', queue_config: { capacity: '1000B' } }
  const { run } = await start({ endpoint: [queue] }, env)
  const outcomes = [1, 2, 3].map(() => run.send('receiver', big))
  await env.clock.advance(5000)
  expect(answers).toHaveLength(1)
  for (let i = 0; i < 3; i++) {
    await until(() => answers.length > i)
    answers[i]!()
  }
  for (const outcome of outcomes) expect(await outcome).toEqual({ status: 'delivered' })
  await run.stop()
  const dropping = await start(
    { endpoint: [{ ...queue, queue_config: { capacity: '1000B', block_on_overflow: false } }] },
    env,
  )
  const first = dropping.run.send('receiver', big)
  expect(await dropping.run.send('receiver', big)).toEqual({ status: 'dropped', reason: 'queue_is_full' })
  await until(() => answers.length > 3)
  answers[3]!()
  expect(await first).toEqual({ status: 'delivered' })
  dropping.run.ledger.balance()
  await dropping.run.stop()
})

test('loki.write with wal settles when entries are on disk, and sends them after a restart', async () => {
  const env = fakeEnv()
  const { run, requests } = await start(
    { endpoint: [{ url, batch_wait: '0s' }], wal: { enabled: true, drain_timeout: '1s' } },
    env,
  )
  expect(await run.send('receiver', batchOf(['one', 'two']))).toEqual({ status: 'delivered' })
  await env.clock.advance(100)
  expect(run.ledger.snapshot).toMatchObject({ in: 2, queued: 2, out: 0 })
  run.ledger.balance()
  const restarted = run.restart()
  await env.clock.advance(1000)
  await restarted
  env.http.respond(url, { status: 204 })
  await until(async () => {
    await env.clock.advance(1000)
    return run.ledger.snapshot.out === 2
  })
  expect(pushed(requests.at(-1)!)).toEqual({ '{app="x"}': ['one', 'two'] })
  run.ledger.balance()
  await run.stop()
})

test('loki.write sets unreadable records of its queue aside, counted', async () => {
  const env = answering()
  const queue = await env.state.queue('endpoint-0', { bytesMax: 1000 })
  await queue.append(Buffer.from('garbage'), 7)
  const { run } = await start({ endpoint: [{ url }], wal: { enabled: true } }, env)
  await until(() => run.ledger.snapshot.quarantined === 7)
  run.ledger.balance()
  await run.stop()
})

test('loki.write takes waiting batches in their order, however small the later ones are', async () => {
  const answers: (() => void)[] = []
  const env = fakeEnv()
  env.http.respond(url, () => new Promise((resolve) => answers.push(() => resolve({ status: 204 }))))
  const { run, requests } = await start(
    { endpoint: [{ url, batch_size: '1B', queue_config: { capacity: '100B' } }] },
    env,
  )
  const outcomes = ['a'.repeat(60), 'b'.repeat(60), 'c'].map((line) => run.send('receiver', batchOf([line])))
  for (let i = 0; i < 3; i++) {
    await until(() => answers.length > i)
    answers[i]!()
  }
  await Promise.all(outcomes)
  expect(requests.map((request) => pushed(request)['{app="x"}']![0]![0])).toEqual(['a', 'b', 'c'])
  await run.stop()
})

test('loki.write without an endpoint drops everything, and says so in its counts', async () => {
  const { run } = await start({}, fakeEnv())
  expect(await run.send('receiver', batchOf(['one']))).toEqual({ status: 'dropped', reason: 'no_endpoint' })
  run.ledger.balance()
  await run.stop()
})
