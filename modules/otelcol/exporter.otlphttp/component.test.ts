import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { CapabilityError, delivered, dropped, refused } from '@ingot/sdk'
import { encodeExportResponse, encodeRpcStatus, writeOtelJson } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent, type HttpScript, type ScriptedResponse } from '@ingot/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requestBatch } from '../testdata/requests.ts'
import exporter from './component.ts'

const traces = requestBatch('otel.traces', 3)
const endpoint = 'http://otlp.test:4318'
const plain = { endpoint, compression: 'none' }

testComponent(
  exporter,
  {
    args: { client: plain },
    env: () => {
      const env = fakeEnv()
      env.http.respond(endpoint, { status: 200 })
      return env
    },
    send: [{ port: 'input', batch: traces }],
  },
  { test },
)

async function exporting(args: object, answer: HttpScript | ScriptedResponse = { status: 200 }) {
  const env = fakeEnv()
  env.http.respond(endpoint, answer)
  const running = await runComponent(exporter, { args: { client: plain, ...args }, env })
  onTestFinished(async () => void (await running.stop()))
  return { env, running, send: (batch = traces) => running.send('input', batch) }
}

/** Answers with each of the list in turn, the last one again and again. */
function inTurn(...answers: (ScriptedResponse | Error)[]): HttpScript {
  return () => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    if (answer instanceof Error) throw answer
    return answer
  }
}

describe('requests', () => {
  test('carry the bytes of the batch to the path of its signal', async () => {
    const { env, running, send } = await exporting({ client: { ...plain, headers: { 'X-Tenant': 'a' } } })
    expect(await send()).toEqual(delivered)
    expect(await send(requestBatch('otel.logs'))).toEqual(delivered)
    expect(await send(requestBatch('otel.metrics'))).toEqual(delivered)
    expect(env.http.requests.map(({ url }) => url)).toEqual([
      `${endpoint}/v1/traces`,
      `${endpoint}/v1/logs`,
      `${endpoint}/v1/metrics`,
    ])
    expect(env.http.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'x-tenant': 'a' },
      body: traces.bytes,
    })
    expect(running.ledger.snapshot).toMatchObject({ in: 7, out: 7 })
    running.ledger.balance()
  })

  test('go to an endpoint of their own where one is set', async () => {
    const { env, send } = await exporting({ traces_endpoint: `${endpoint}/other/path` })
    await send()
    expect(env.http.requests[0]!.url).toBe(`${endpoint}/other/path`)
  })

  test('are gzip unless told otherwise', async () => {
    const { env, send } = await exporting({ client: { endpoint } })
    await send()
    expect(env.http.requests[0]!.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(env.http.requests[0]!.body)).toEqual(Buffer.from(traces.bytes))
  })

  test('are zstd when asked to', async () => {
    const { env, send } = await exporting({ client: { endpoint, compression: 'zstd' } })
    await send()
    expect(zstdDecompressSync(env.http.requests[0]!.body)).toEqual(Buffer.from(traces.bytes))
  })

  test('are OTLP/JSON when asked to', async () => {
    const { env, send } = await exporting({ encoding: 'json' })
    await send()
    expect(env.http.requests[0]!.headers['content-type']).toBe('application/json')
    expect(new TextDecoder().decode(env.http.requests[0]!.body)).toBe(writeOtelJson(traces))
  })

  test('carry the headers of an auth handler', async () => {
    const auth = { headers: { Authorization: 'Bearer x' } }
    const { env, send } = await exporting({ client: { ...plain, auth } })
    await send()
    expect(env.http.requests[0]!.headers['authorization']).toBe('Bearer x')
  })

  test('use the TLS files of the configuration', async () => {
    const env = fakeEnv({ files: { '/ca': 'PEM' } })
    env.http.respond('https://otlp.test', { status: 200 })
    const client = { endpoint: 'https://otlp.test', compression: 'none', tls: { ca_file: '/ca', server_name: 'b' } }
    const running = await runComponent(exporter, { args: { client }, env })
    onTestFinished(async () => void (await running.stop()))
    expect(await running.send('input', traces)).toEqual(delivered)
    expect(env.http.requests[0]!.request.tls).toEqual({
      ca: 'PEM',
      serverName: 'b',
      insecureSkipVerify: false,
      minVersion: 'TLS12',
    })
  })
})

describe('answers', () => {
  test.each([429, 502, 503, 504])('%i is tried again', async (status) => {
    const { env, running, send } = await exporting({}, inTurn({ status }, { status: 200 }))
    const outcome = send()
    await settle()
    expect(env.http.requests).toHaveLength(1)
    await env.clock.advance(7500)
    expect(await outcome).toEqual(delivered)
    expect(env.http.requests).toHaveLength(2)
    running.ledger.balance()
  })

  test.each([400, 401, 404, 413, 500])('%i drops the batch', async (status) => {
    const body = encodeRpcStatus({ code: 3, message: 'no such thing' })
    const headers = { 'content-type': 'application/x-protobuf' }
    const { env, running, send } = await exporting({}, { status, body, headers })
    expect(await send()).toEqual(dropped(`http_${status}`))
    expect(env.log.lines.at(-1)).toMatchObject({ fields: { error: `HTTP status ${status}: no such thing` } })
    expect(running.ledger.snapshot.dropped).toEqual({ [`http_${status}`]: 3 })
    running.ledger.balance()
  })

  test('Retry-After is waited for', async () => {
    const { env, send } = await exporting(
      {},
      inTurn({ status: 503, headers: { 'retry-after': '60' } }, { status: 200 }),
    )
    const outcome = send()
    await env.clock.advance(59_000)
    expect(env.http.requests).toHaveLength(1)
    await env.clock.advance(1000)
    expect(await outcome).toEqual(delivered)
  })

  test('a broken connection is tried again', async () => {
    const { env, send } = await exporting({}, inTurn(new CapabilityError('unreachable', 'no'), { status: 200 }))
    const outcome = send()
    await settle()
    await env.clock.advance(7500)
    expect(await outcome).toEqual(delivered)
  })

  test('are waited for no longer than max_elapsed_time', async () => {
    const { env, running, send } = await exporting({ retry_on_failure: { max_elapsed_time: '10s' } }, { status: 503 })
    const outcome = send()
    for (let i = 0; i < 5; i++) await env.clock.advance(5000)
    expect(await outcome).toEqual(dropped('retries_exhausted'))
    running.ledger.balance()
  })

  test('refuse the batch at once without retry_on_failure', async () => {
    const { running, send } = await exporting({ retry_on_failure: { enabled: false } }, { status: 503 })
    expect(await send()).toEqual(refused('remote_failed'))
    running.ledger.balance()
  })

  test('with partial success count what was rejected as dropped', async () => {
    const body = encodeExportResponse({ rejected: 2, message: 'too old' })
    const { env, running, send } = await exporting({}, { status: 200, body })
    expect(await send()).toEqual(dropped('rejected_by_remote'))
    expect(running.ledger.snapshot).toMatchObject({ in: 3, out: 1, dropped: { rejected_by_remote: 2 } })
    expect(env.log.lines.at(-1)).toMatchObject({ fields: { message: 'too old', rejected: 2 } })
    running.ledger.balance()
  })
})

describe('sending_queue', () => {
  const stuck = () => new Promise<ScriptedResponse>(() => {})

  test('refuses what it has no room for', async () => {
    const { running, send } = await exporting({ sending_queue: { queue_size: 1, num_consumers: 1 } }, stuck)
    void send()
    expect(await send()).toEqual(refused('queue_full', 1000))
    expect(running.ledger.snapshot).toMatchObject({ in: 6, refused: 3 })
  })

  test('makes senders wait with block_on_overflow', async () => {
    const finish: ((answer: ScriptedResponse) => void)[] = []
    const queue = { queue_size: 1, num_consumers: 1, block_on_overflow: true }
    const { send } = await exporting({ sending_queue: queue }, () => new Promise((resolve) => finish.push(resolve)))
    const outcomes = [send(), send()]
    await settle()
    expect(finish).toHaveLength(1)
    finish[0]!({ status: 200 })
    await settle()
    finish[1]!({ status: 200 })
    expect(await Promise.all(outcomes)).toEqual([delivered, delivered])
  })

  test('sends no more at once than it has consumers', async () => {
    const { env, send } = await exporting({ sending_queue: { num_consumers: 2 } }, stuck)
    for (let i = 0; i < 5; i++) void send()
    await settle()
    expect(env.http.requests).toHaveLength(2)
  })

  test('regroups with a batch block', async () => {
    const { env, running, send } = await exporting({ sending_queue: { batch: { min_size: 6, max_size: 6 } } })
    expect(await Promise.all([send(), send()])).toEqual([delivered, delivered])
    expect(env.http.requests).toHaveLength(1)
    running.ledger.balance()
  })

  test('counts in records when asked to, and drops what can never fit', async () => {
    const { running, send } = await exporting({ sending_queue: { sizer: 'items', queue_size: 2 } })
    expect(await send()).toEqual(dropped('larger_than_queue'))
    running.ledger.balance()
  })

  test('refuses what waits when the component stops, and lets a running request end', async () => {
    let finish: (answer: ScriptedResponse) => void = () => {}
    const { running, send } = await exporting(
      { sending_queue: { num_consumers: 1 } },
      () => new Promise((resolve) => (finish = resolve)),
    )
    const outcomes = [send(), send()]
    await settle()
    const stopped = running.stop()
    await settle()
    finish({ status: 200 })
    expect(await Promise.all(outcomes)).toEqual([delivered, refused('stopped')])
    expect(await stopped).toBe(true)
    running.ledger.balance()
  })
})

test.each([
  ['client', { max_idle_conns: 5 }],
  ['client', { compression: 'lz4' }],
  ['client', { compression_params: { level: 9 } }],
  ['client', { tls: { cipher_suites: ['x'] } }],
  ['sending_queue', { storage: {} }],
  ['sending_queue', { batch: { min_size: 5, max_size: 1 } }],
])('refuses what it cannot do: %s %j', async (block, value) => {
  const args = { client: plain, [block]: { ...(block === 'client' ? plain : {}), ...value } }
  await expect(runComponent(exporter, { args })).rejects.toThrow()
})
