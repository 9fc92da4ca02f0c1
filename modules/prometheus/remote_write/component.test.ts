import { Labels, SeriesArena, snappyDecompress, type MetricsBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent, until, type FakeEnv, type ReceivedRequest } from '@ingot/testing'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import remoteWrite from './component.ts'

const { root } = protobuf.parse(`syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }`)
const WriteRequest = root.lookupType('WriteRequest')

interface Decoded {
  timeseries: {
    labels: { name: string; value: string }[]
    samples: { value: number; timestamp: number }[]
    exemplars: unknown[]
  }[]
  metadata: unknown[]
}
function decode({ body }: ReceivedRequest): Decoded {
  return WriteRequest.toObject(WriteRequest.decode(snappyDecompress(body, 1 << 24)), {
    longs: Number,
    defaults: true,
    arrays: true,
  }) as Decoded
}
function samplesOf(requests: readonly ReceivedRequest[]): string[] {
  return requests.flatMap((request) =>
    decode(request).timeseries.map(
      ({ labels, samples }) =>
        `${labels.map(({ name, value }) => `${name}=${value}`).join(',')} ${samples[0]!.value}@${samples[0]!.timestamp}`,
    ),
  )
}

const url = 'http://sink.example/api/v1/write'
const args = { endpoint: [{ url }] }
const table = new SeriesArena()
const ids = Array.from({ length: 50 }, (_, i) =>
  table.add(
    Labels.from([
      ['__name__', 'm'],
      ['i', String(i).padStart(2, '0')],
    ]),
  ),
)

function batchOf(count: number, timestampMs: number, more: Partial<MetricsBatch> = {}): MetricsBatch {
  return {
    type: 'prometheus.metrics',
    count,
    table,
    series: Uint32Array.from(ids.slice(0, count)),
    values: Float64Array.from({ length: count }, (_, i) => i),
    timestamps: new Float64Array(count).fill(timestampMs),
    ...more,
  }
}

function sink(status = 204): FakeEnv {
  const env = fakeEnv()
  env.http.respond('http://sink.example/', { status })
  return env
}

/** Sends a batch and lets the time pass that gathering takes. */
async function deliver(run: Awaited<ReturnType<typeof runComponent>>, batch: MetricsBatch) {
  const outcome = run.send('receiver', batch)
  await settle()
  await run.env.clock.advance(100)
  return outcome
}

function balanced(run: Awaited<ReturnType<typeof runComponent>>) {
  run.ledger.balance()
  return run.ledger.snapshot
}

testComponent(remoteWrite, { args, env: () => sink(), send: [{ port: 'receiver', batch: batchOf(3, 1) }] }, { test })

describe('prometheus.remote_write', () => {
  test('sends what it takes, as remote write 1.0', async () => {
    const env = sink()
    const run = await runComponent(remoteWrite, { args, env })
    expect(await deliver(run, batchOf(2, 1000))).toEqual({ status: 'delivered' })
    expect(samplesOf(env.http.requests)).toEqual(['__name__=m,i=00 0@1000', '__name__=m,i=01 1@1000'])
    expect(env.http.requests[0]?.headers).toMatchObject({
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    })
    run.ledger.balance()
    await run.stop()
  })

  test('adds external labels, applies write rules, and sends headers and credentials', async () => {
    const env = sink()
    const run = await runComponent(remoteWrite, {
      args: {
        external_labels: { cluster: 'c', i: 'never' },
        endpoint: [
          {
            url,
            headers: { 'X-Scope-OrgID': 'one' },
            basic_auth: { username: 'u', password: 'p' },
            write_relabel_config: [{ source_labels: ['i'], regex: '01', action: 'drop' }],
          },
        ],
      },
      env,
    })
    expect((await deliver(run, batchOf(3, 1))).status).toBe('delivered')
    expect(samplesOf(env.http.requests)).toEqual(['__name__=m,cluster=c,i=00 0@1', '__name__=m,cluster=c,i=02 2@1'])
    expect(env.http.requests[0]?.headers).toMatchObject({ 'x-scope-orgid': 'one', authorization: 'Basic dTpw' })
    run.ledger.balance()
    await run.stop()
  })

  test('gathers small batches into one request and cuts large ones', async () => {
    const env = sink()
    const run = await runComponent(remoteWrite, {
      args: { endpoint: [{ url, queue_config: { max_samples_per_send: 20 } }] },
      env,
    })
    const other = new SeriesArena()
    const first = run.send('receiver', batchOf(5, 1))
    const second = run.send('receiver', {
      ...batchOf(1, 1),
      table: other,
      series: Uint32Array.of(other.add(Labels.from([['__name__', 'o']]))),
    })
    await settle()
    await env.clock.advance(100)
    await Promise.all([first, second])
    expect(env.http.requests.map((request) => decode(request).timeseries.length)).toEqual([6])
    await deliver(run, batchOf(50, 2))
    expect(env.http.requests.map((request) => decode(request).timeseries.length)).toEqual([6, 20, 20, 10])
    run.ledger.balance()
    await run.stop()
  })

  test('sends again after 5xx and 429, as Retry-After asks, and keeps the order of a series', async () => {
    const env = fakeEnv()
    const answers = [{ status: 503 }, { status: 429, headers: { 'Retry-After': '7' } }]
    env.http.respond('http://sink.example/', () => answers.shift() ?? { status: 200 })
    const run = await runComponent(remoteWrite, { args, env })
    await deliver(run, batchOf(1, 1))
    await deliver(run, batchOf(1, 2))
    expect(env.http.requests).toHaveLength(2)
    await env.clock.advance(6000)
    expect(env.http.requests).toHaveLength(2)
    await env.clock.advance(1500)
    expect(samplesOf(env.http.requests).map((line) => line.at(-1))).toEqual(['1', '1', '1', '2'])
    expect(env.http.requests[1]?.headers['retry-attempt']).toBe('1')
    run.ledger.balance()
    await run.stop()
  })

  test.each([
    [400, {}, 'rejected_400'],
    [404, {}, 'rejected_404'],
    [429, { queue_config: { retry_on_http_429: false } }, 'rejected_429'],
  ])('drops what is answered %i', async (status, more, reason) => {
    const env = sink(status)
    const run = await runComponent(remoteWrite, { args: { endpoint: [{ url, ...more }] }, env })
    await deliver(run, batchOf(3, 1))
    expect(env.http.requests).toHaveLength(1)
    expect(balanced(run).dropped).toEqual({ [reason]: 3 })
    await run.stop()
  })

  test('keeps samples over a restart, and drops them when they are too old', async () => {
    const env = fakeEnv()
    const run = await runComponent(remoteWrite, { args, env })
    expect((await deliver(run, batchOf(2, env.clock.now()))).status).toBe('delivered')
    await run.restart()
    run.ledger.balance()
    await run.restart({ endpoint: [{ url: `${url}2`, queue_config: { sample_age_limit: '1h' } }] })
    env.http.respond('http://sink.example/', { status: 200 })
    await env.clock.advance(5000)
    expect(samplesOf(env.http.requests.filter((request) => request.url.endsWith('2'))).length).toBeGreaterThanOrEqual(2)
    expect(balanced(run).queued).toBe(0)
    env.http.respond('http://sink.example/', { status: 500 })
    await deliver(run, batchOf(2, env.clock.now()))
    await env.clock.advance(3_610_000)
    expect(balanced(run).dropped).toEqual({ too_old: 2 })
    await run.stop()
  })

  test('sends to every endpoint, however slow one of them is', async () => {
    const env = sink()
    env.http.respond('http://down.example/', { status: 500 })
    const run = await runComponent(remoteWrite, { args: { endpoint: [{ url: 'http://down.example/' }, { url }] }, env })
    expect((await deliver(run, batchOf(2, 1))).status).toBe('delivered')
    expect(env.http.requests.filter((request) => request.url === url)).toHaveLength(1)
    const { queued } = balanced(run)
    expect(queued).toBe(2)
    await run.stop()
  })

  test('sends exemplars and metadata', async () => {
    const env = sink()
    const run = await runComponent(remoteWrite, { args, env })
    const exemplars = [{ sample: 0, labels: Labels.from([['trace_id', 'x']]), value: 1, timestampMs: 5 }]
    await deliver(
      run,
      batchOf(1, 1, { exemplars, metadata: new Map([['m', { type: 'gauge', help: 'Some.', unit: '' }]]) }),
    )
    await env.clock.advance(60_100)
    await until(() => env.http.requests.length >= 2)
    expect(decode(env.http.requests[0]!).timeseries[0]?.exemplars).toEqual([
      { labels: [{ name: 'trace_id', value: 'x' }], value: 1, timestamp: 5 },
    ])
    expect(decode(env.http.requests[1]!).metadata).toEqual([
      { type: 2, metricFamilyName: 'm', help: 'Some.', unit: '' },
    ])
    run.ledger.balance()
    await run.stop()
  })

  test('counts samples that have nowhere to go', async () => {
    const run = await runComponent(remoteWrite, { args: {} })
    expect(await deliver(run, batchOf(2, 1))).toEqual({ status: 'dropped', reason: 'no_endpoint' })
    expect(balanced(run).dropped).toEqual({ no_endpoint: 2 })
    await run.stop()
  })

  test.each([
    [{ endpoint: [{ url: 'sink' }] }, 'want an http or https URL'],
    [{ endpoint: [{ url, sigv4: {} }] }, 'sigv4'],
    [{ endpoint: [{ url, protobuf_message: 'io.prometheus.write.v2.Request' }] }, 'is not supported'],
    [{ endpoint: [{ url, round_robin_dns: true }] }, 'round_robin_dns'],
    [{ endpoint: [{ url, write_relabel_config: [{ regex: '(' }] }] }, 'a group is not closed'],
    [
      {
        endpoint: [
          { url, name: 'a' },
          { url, name: 'a' },
        ],
      },
      'must not be',
    ],
  ])('refuses %j', async (more, message) => {
    await expect(runComponent(remoteWrite, { args: more })).rejects.toThrow(message)
  })
})
