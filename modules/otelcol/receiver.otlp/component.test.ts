import { gzipSync } from 'node:zlib'
import { delivered, dropped, refused, type Outcome, type ServerRequest } from '@ingot/sdk'
import { decodeExportResponse, decodeRpcStatus, exportMethods, writeOtelJson, type OtelBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent, type RunningComponent } from '@ingot/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requestBatch, requestJson } from '../testdata/requests.ts'
import receiver from './component.ts'

const protobuf = { 'content-type': 'application/x-protobuf' }
const json = { 'content-type': 'application/json' }

testComponent(receiver, { args: { grpc: {}, http: {}, output: {} } }, { test })

interface Receiving {
  readonly running: RunningComponent
  readonly env: ReturnType<typeof fakeEnv>
  settleWith(outcome: Outcome | ((batch: OtelBatch) => Promise<Outcome>)): void
  post(request: Partial<ServerRequest>): ReturnType<ReturnType<typeof fakeEnv>['server']['request']>
}

/** Receives traces only. */
async function receiving(http: object = {}, grpc?: object): Promise<Receiving> {
  const env = fakeEnv()
  const args = { http, ...(grpc ? { grpc } : {}), output: { logs: [], metrics: [] } }
  const running = await runComponent(receiver, { args, env })
  onTestFinished(async () => void (await running.stop()))
  return {
    running,
    env,
    settleWith: (outcome) => {
      running.outputs['output.traces']!.outcome = outcome as never
    },
    post: (request) =>
      env.server.request({ method: 'POST', url: '/v1/traces', headers: protobuf, ...request }, '0.0.0.0:4318'),
  }
}

const traces = requestBatch('otel.traces', 3)

describe('over HTTP', () => {
  test('hands on protobuf as it came and answers with success', async () => {
    const { running, post } = await receiving()
    const answer = await post({ body: traces.bytes })
    expect(answer).toMatchObject({ status: 200, headers: protobuf })
    expect(answer.body).toHaveLength(0)
    expect((running.outputs['output.traces']!.batches[0] as OtelBatch).bytes).toBe(traces.bytes)
    expect(running.ledger.snapshot).toMatchObject({ created: 3, out: 3 })
    running.ledger.balance()
  })

  test('takes JSON and answers in JSON', async () => {
    const { running, post } = await receiving()
    const body = new TextEncoder().encode(requestJson('otel.traces'))
    expect(await post({ headers: { 'content-type': 'application/json; charset=utf-8' }, body })).toEqual({
      status: 200,
      headers: json,
      body: '{}',
    })
    expect(writeOtelJson(running.outputs['output.traces']!.batches[0] as OtelBatch)).toBe(requestJson('otel.traces'))
  })

  test('takes gzip, within the size of the whole request', async () => {
    const { post } = await receiving({ max_request_body_size: '1KiB' })
    const headers = { ...protobuf, 'content-encoding': 'gzip' }
    expect(await post({ headers, body: gzipSync(traces.bytes) })).toMatchObject({ status: 200 })
    const large = gzipSync(requestBatch('otel.traces', 100).bytes)
    expect(large.length).toBeLessThan(1024)
    expect(await post({ headers, body: large })).toMatchObject({ status: 413 })
  })

  test('answers only when the fate of the records is settled', async () => {
    const { post, settleWith } = await receiving()
    let finish: (outcome: Outcome) => void = () => {}
    settleWith(() => new Promise((resolve) => (finish = resolve)))
    let answered = false
    const answer = post({ body: traces.bytes }).then((each) => {
      answered = true
      return each
    })
    await settle()
    expect(answered).toBe(false)
    finish(delivered)
    expect(await answer).toMatchObject({ status: 200 })
  })

  test('answers 503 with Retry-After and a status when the records are refused', async () => {
    const { running, post, settleWith } = await receiving()
    settleWith(refused('queue_full', 2500))
    const answer = await post({ body: traces.bytes })
    expect(answer).toMatchObject({ status: 503, headers: { ...protobuf, 'retry-after': '3' } })
    expect(decodeRpcStatus(answer.body as Uint8Array)).toEqual({ code: 14, message: 'refused: queue_full' })
    expect(running.ledger.snapshot).toMatchObject({ created: 0, out: 0 })
    running.ledger.balance()
  })

  test('answers with partial success when the records were dropped', async () => {
    const { post, settleWith } = await receiving()
    settleWith(dropped('http_400'))
    const answer = await post({ body: traces.bytes })
    expect(answer.status).toBe(200)
    expect(decodeExportResponse(answer.body as Uint8Array)).toEqual({ rejected: 3, message: 'dropped: http_400' })
  })

  test('answers 429 when too many bytes are under way', async () => {
    const { post, settleWith } = await receiving()
    let finish: (outcome: Outcome) => void = () => {}
    settleWith(() => new Promise((resolve) => (finish = resolve)))
    // One unknown field that fills the memory which may be under way.
    const large = new Uint8Array(255 * 2 ** 20)
    large.set(traces.bytes)
    large.set([0xfa, 0x3f, ...varint(large.length - traces.bytes.length - 6)], traces.bytes.length)
    const first = post({ body: large })
    await settle()
    const second = await post({
      body: new Uint8Array([...traces.bytes, 0xfa, 0x3f, ...varint(2 ** 20), ...new Uint8Array(2 ** 20)]),
    })
    expect(second).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    finish(delivered)
    expect(await first).toMatchObject({ status: 200 })
  })

  test.each([
    ['a path that nothing listens on', { url: '/v1/logs' }, 404],
    ['another method', { method: 'GET' }, 405],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a compression that it cannot read', { headers: { ...protobuf, 'content-encoding': 'br' } }, 415],
    ['bytes that are not gzip', { headers: { ...protobuf, 'content-encoding': 'gzip' }, body: traces.bytes }, 400],
    ['bytes that are not OTLP', { body: Uint8Array.of(10, 200) }, 400],
    ['text that is not OTLP/JSON', { headers: json, body: new TextEncoder().encode('[]') }, 400],
  ])('refuses %s', async (_, request, status) => {
    const { running, post } = await receiving()
    const answer = await post(request)
    expect(answer.status).toBe(status)
    expect(answer.headers?.['retry-after']).toBeUndefined()
    expect(running.outputs['output.traces']!.batches).toEqual([])
  })

  test('answers an empty request with success', async () => {
    const { post } = await receiving()
    expect(await post({ body: new Uint8Array() })).toMatchObject({ status: 200 })
  })

  test('includes headers only when asked to', async () => {
    const { running, post } = await receiving({ include_metadata: true })
    await post({ headers: { ...protobuf, 'x-tenant': 'a' }, body: traces.bytes })
    expect((running.outputs['output.traces']!.batches[0] as OtelBatch).metadata?.['x-tenant']).toBe('a')
    const other = await receiving()
    await other.post({ body: traces.bytes })
    expect(other.running.outputs['output.traces']!.batches[0]).not.toHaveProperty('metadata')
  })

  test('lets pages of allowed origins send', async () => {
    const { post } = await receiving({ cors: { allowed_origins: ['https://*.example'], max_age: 60 } })
    const origin = { origin: 'https://shop.example' }
    expect(await post({ method: 'OPTIONS', headers: origin })).toEqual({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://shop.example',
        vary: 'Origin',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'Accept, Content-Type, X-Requested-With',
        'access-control-max-age': '60',
      },
    })
    expect((await post({ headers: { ...protobuf, ...origin }, body: traces.bytes })).headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
    })
    expect((await post({ headers: { ...protobuf, origin: 'https://evil.test' }, body: traces.bytes })).headers).toEqual(
      protobuf,
    )
  })
})

describe('over gRPC', () => {
  const method = exportMethods['otel.traces']
  const call = ({ env }: Receiving, message = traces.bytes, name = method) =>
    env.server.call(name, message, { 'x-tenant': 'a' }, '0.0.0.0:4317')

  test('hands on the message and answers with OK', async () => {
    const receiver = await receiving({}, { include_metadata: true })
    expect(await call(receiver)).toEqual({ code: 0, message: new Uint8Array() })
    expect(receiver.running.outputs['output.traces']!.batches).toEqual([{ ...traces, metadata: { 'x-tenant': 'a' } }])
  })

  test('answers UNAVAILABLE with a time when the records are refused', async () => {
    const receiver = await receiving({}, {})
    receiver.settleWith(refused('queue_full', 2500))
    expect(await call(receiver)).toEqual({ code: 14, details: 'refused: queue_full', retryAfterMs: 2500 })
  })

  test('answers with partial success when the records were dropped', async () => {
    const receiver = await receiving({}, {})
    receiver.settleWith(dropped('grpc_3'))
    const { code, message } = await call(receiver)
    expect([code, decodeExportResponse(message!)]).toEqual([0, { rejected: 3, message: 'dropped: grpc_3' }])
  })

  test('answers INVALID_ARGUMENT to bytes that are not OTLP, and UNIMPLEMENTED to signals that go nowhere', async () => {
    const receiver = await receiving({}, {})
    expect(await call(receiver, Uint8Array.of(10, 200))).toMatchObject({ code: 3 })
    expect(await call(receiver, traces.bytes, exportMethods['otel.logs'])).toMatchObject({ code: 12 })
  })
})

test.each([
  ['http', { read_timeout: '5s' }],
  ['http', { compression_algorithms: ['br'] }],
  ['grpc', { transport: 'unix' }],
  ['grpc', { max_concurrent_streams: 10 }],
  ['grpc', { keepalive: { server_parameters: { time: '1h' } } }],
  ['grpc', { tls: { cert_pem: 'x' } }],
])('refuses what it cannot do: %s %j', async (protocol, args) => {
  await expect(runComponent(receiver, { args: { [protocol]: args, output: { traces: [] } } })).rejects.toThrow()
})

function varint(value: number): number[] {
  return [0x80 | (value & 0x7f), 0x80 | ((value >> 7) & 0x7f), 0x80 | ((value >> 14) & 0x7f), value >>> 21]
}
