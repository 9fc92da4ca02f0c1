import { delivered, dropped, type GrpcResponse } from '@ingot/sdk'
import { encodeExportResponse, exportMethods } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent, type GrpcScript } from '@ingot/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requestBatch } from '../testdata/requests.ts'
import exporter from './component.ts'

const traces = requestBatch('otel.traces', 3)
const client = { endpoint: 'otlp.test:4317', tls: { insecure: true } }
const origin = 'http://otlp.test:4317'

testComponent(
  exporter,
  {
    args: { client },
    env: () => {
      const env = fakeEnv()
      env.http.respondGrpc(origin, { code: 0 })
      return env
    },
    send: [{ port: 'input', batch: traces }],
  },
  { test },
)

async function exporting(args: object, answer: GrpcScript | Partial<GrpcResponse> = { code: 0 }) {
  const env = fakeEnv()
  env.http.respondGrpc('http', answer)
  const running = await runComponent(exporter, { args: { client, ...args }, env })
  onTestFinished(async () => void (await running.stop()))
  return { env, running, send: (batch = traces) => running.send('input', batch) }
}

test('calls the method of each signal', async () => {
  const { env, running, send } = await exporting({ client: { ...client, headers: { 'X-Tenant': 'a' } } })
  const batches = [traces, requestBatch('otel.logs'), requestBatch('otel.metrics')]
  for (const batch of batches) expect(await send(batch)).toEqual(delivered)
  expect(env.http.grpcRequests.map(({ path }) => path)).toEqual(batches.map(({ type }) => exportMethods[type]))
  expect(env.http.grpcRequests[0]).toMatchObject({
    origin,
    message: traces.bytes,
    metadata: { 'x-tenant': 'a' },
    compression: 'gzip',
    timeoutMs: 5000,
  })
  running.ledger.balance()
})

test.each([
  ['otlp.test:4317', {}, 'https://otlp.test:4317'],
  ['otlp.test:4317', { insecure: true }, 'http://otlp.test:4317'],
  ['http://otlp.test:4317', {}, 'http://otlp.test:4317'],
  ['https://otlp.test', { insecure: true }, 'https://otlp.test'],
  ['dns:///otlp.test:4317', { insecure: true }, 'http://otlp.test:4317'],
])('reaches %s with %j at %s', async (endpoint, tls, wanted) => {
  const { env, send } = await exporting({ client: { endpoint, tls } })
  await send()
  expect(env.http.grpcRequests[0]!.origin).toBe(wanted)
})

describe('answers', () => {
  test.each([1, 4, 10, 11, 14, 15])('of code %i are tried again', async (code) => {
    const codes = [code, 0]
    const { env, send } = await exporting({}, () => ({ code: codes.shift()! }))
    const outcome = send()
    await settle()
    await env.clock.advance(7500)
    expect(await outcome).toEqual(delivered)
    expect(env.http.grpcRequests).toHaveLength(2)
  })

  test.each([2, 3, 5, 7, 8, 12, 13, 16])('of code %i drop the batch', async (code) => {
    const { running, send } = await exporting({}, { code, details: 'no' })
    expect(await send()).toEqual(dropped(`grpc_${code}`))
    running.ledger.balance()
  })

  test('RESOURCE_EXHAUSTED is tried again when the server says when', async () => {
    const answers: Partial<GrpcResponse>[] = [{ code: 8, retryAfterMs: 60_000 }, { code: 0 }]
    const { env, send } = await exporting({}, () => answers.shift()!)
    const outcome = send()
    await env.clock.advance(59_000)
    expect(env.http.grpcRequests).toHaveLength(1)
    await env.clock.advance(1000)
    expect(await outcome).toEqual(delivered)
  })

  test('with partial success count what was rejected as dropped', async () => {
    const message = encodeExportResponse({ rejected: 2, message: 'too old' })
    const { running, send } = await exporting({}, { code: 0, message })
    expect(await send()).toEqual(dropped('rejected_by_remote'))
    expect(running.ledger.snapshot).toMatchObject({ out: 1, dropped: { rejected_by_remote: 2 } })
    running.ledger.balance()
  })
})
