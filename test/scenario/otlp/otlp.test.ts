import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import {
  Client,
  Metadata,
  Server,
  ServerCredentials,
  credentials,
  status,
  type ServiceError,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js'
import { delivered, dropped, refused } from '@ingot/sdk'
import { decodeExportResponse, exportMethods, readOtelJson, type OtelSignal } from '@ingot/telemetry'
import { settle } from '@ingot/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import batch from '../../../modules/otelcol/processor.batch/component.ts'
import grpcExporter from '../../../modules/otelcol/exporter.otlp/component.ts'
import httpExporter from '../../../modules/otelcol/exporter.otlphttp/component.ts'
import receiver from '../../../modules/otelcol/receiver.otlp/component.ts'
import { addressesOf, connect, runReal } from './pipeline.ts'

const any = '127.0.0.1:0'
const span = (name: string) => ({ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name })
const requestText = (name: string) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span(name)] }] }] })
const request = (name: string) => readOtelJson(requestText(name), 'otel.traces').bytes

async function receiving(args: object) {
  const running = await runReal(receiver, { ...args, output: {} })
  return { running, addresses: await addressesOf(running, Object.keys(args).length) }
}

function post(address: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://${address}/v1/traces`, {
    method: 'POST',
    body: body as Uint8Array<ArrayBuffer>,
    headers: { 'content-type': 'application/x-protobuf', ...headers },
  })
}

/** A gRPC client of another make. */
async function call(address: string, message: Uint8Array, gzip = false): Promise<Buffer | ServiceError> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': gzip ? 2 : 0,
  })
  onTestFinished(() => client.close())
  const identity = (bytes: Buffer) => bytes
  return new Promise((resolve) =>
    client.makeUnaryRequest(
      exportMethods['otel.traces'],
      identity,
      identity,
      Buffer.from(message),
      new Metadata(),
      (error, answer) => resolve(error ?? answer!),
    ),
  )
}

/** A gRPC server of another make, which answers each call with what `answer` gives. */
async function grpcServer(answer: (message: Buffer) => Partial<ServiceError> | Buffer) {
  const server = new Server()
  const identity = (bytes: Buffer) => bytes
  const received: { signal: string; message: Buffer }[] = []
  for (const [signal, path] of Object.entries(exportMethods)) {
    server.addService(
      {
        export: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: identity,
          requestDeserialize: identity,
          responseSerialize: identity,
          responseDeserialize: identity,
        },
      },
      {
        export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
          received.push({ signal, message: call.request })
          const result = answer(call.request)
          if (Buffer.isBuffer(result)) callback(null, result)
          else callback(result)
        },
      },
    )
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(any, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  onTestFinished(() => server.forceShutdown())
  return { endpoint: `127.0.0.1:${port}`, received }
}

async function httpServer(answers: number[]) {
  const received: { url: string; headers: NodeJS.Dict<string | string[]>; body: Buffer }[] = []
  const server = createServer((incoming, answer) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => {
      received.push({ url: incoming.url!, headers: incoming.headers, body: Buffer.concat(pieces) })
      answer.writeHead(answers.shift() ?? 200)
      answer.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

describe('otelcol.receiver.otlp on sockets', () => {
  test('takes protobuf, JSON and compressed requests over HTTP', async () => {
    const { running, addresses } = await receiving({ http: { endpoint: any } })
    const http = addresses['http']!
    const plain = await post(http, request('a'))
    expect([plain.status, plain.headers.get('content-type'), (await plain.bytes()).length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ])
    const json = await post(http, requestText('a'), { 'content-type': 'application/json' })
    expect([json.status, await json.text()]).toEqual([200, '{}'])
    expect((await post(http, gzipSync(request('a')), { 'content-encoding': 'gzip' })).status).toBe(200)
    expect((await post(http, zstdCompressSync(request('a')), { 'content-encoding': 'zstd' })).status).toBe(200)
    const { batches } = running.outputs['output.traces']!
    expect(batches).toHaveLength(4)
    for (const each of batches)
      expect(Buffer.from((each as { bytes: Uint8Array }).bytes)).toEqual(Buffer.from(request('a')))
    running.ledger.balance()
  })

  test('answers 503 with Retry-After when records are refused, and 413 to what is too large', async () => {
    const { running, addresses } = await receiving({ http: { endpoint: any, max_request_body_size: '1KiB' } })
    running.outputs['output.traces']!.outcome = refused('queue_full', 4000)
    const answer = await post(addresses['http']!, request('a'))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '4'])
    expect((await post(addresses['http']!, new Uint8Array(2000))).status).toBe(413)
  })

  test('takes requests of a gRPC client, plain and gzip', async () => {
    const { running, addresses } = await receiving({ grpc: { endpoint: any } })
    expect(await call(addresses['grpc']!, request('a'))).toEqual(Buffer.alloc(0))
    expect(await call(addresses['grpc']!, request('a'.repeat(5000)), true)).toEqual(Buffer.alloc(0))
    expect(running.outputs['output.traces']!.count).toBe(2)
    running.ledger.balance()
  })

  test('answers a gRPC client with the code and the time of a refusal', async () => {
    const { running, addresses } = await receiving({ grpc: { endpoint: any } })
    running.outputs['output.traces']!.outcome = refused('queue_full', 4000)
    const error = (await call(addresses['grpc']!, request('a'))) as ServiceError
    expect([error.code, error.details]).toEqual([status.UNAVAILABLE, 'refused: queue_full'])
    expect(error.metadata.get('grpc-status-details-bin')).toHaveLength(1)
    expect(((await call(addresses['grpc']!, Uint8Array.of(10, 99))) as ServiceError).code).toBe(status.INVALID_ARGUMENT)
  })

  test('answers INVALID requests of a gRPC client that are larger than it takes', async () => {
    const { addresses } = await receiving({ grpc: { endpoint: any, max_recv_msg_size: '1KiB' } })
    const error = (await call(addresses['grpc']!, request('a'.repeat(2000)))) as ServiceError
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED)
  })
})

describe('exporters on sockets', () => {
  const signals = Object.keys(exportMethods) as OtelSignal[]

  test('otelcol.exporter.otlphttp sends gzip that any server reads', async () => {
    const server = await httpServer([])
    const exporter = await runReal(httpExporter, { client: { endpoint: server.endpoint } })
    for (const type of signals) {
      expect(await exporter.send('input', { type, count: 1, bytes: request('a') })).toEqual(delivered)
    }
    expect(server.received.map(({ url }) => url).toSorted()).toEqual(['/v1/logs', '/v1/metrics', '/v1/traces'])
    for (const { body } of server.received) expect(gunzipSync(body)).toEqual(Buffer.from(request('a')))
    exporter.ledger.balance()
  })

  test('otelcol.exporter.otlphttp tries again until the server takes the batch', async () => {
    const server = await httpServer([503, 429])
    const exporter = await runReal(httpExporter, {
      client: { endpoint: server.endpoint },
      retry_on_failure: { initial_interval: '10ms' },
    })
    expect(await exporter.send('input', { type: 'otel.traces', count: 1, bytes: request('a') })).toEqual(delivered)
    expect(server.received).toHaveLength(3)
  })

  test.each(['none', 'gzip'])('otelcol.exporter.otlp calls a gRPC server with compression %s', async (compression) => {
    const server = await grpcServer(() => Buffer.alloc(0))
    const client = { endpoint: server.endpoint, compression, tls: { insecure: true } }
    const exporter = await runReal(grpcExporter, { client })
    for (const type of signals) {
      expect(await exporter.send('input', { type, count: 1, bytes: request('a') })).toEqual(delivered)
    }
    expect(server.received).toEqual(signals.map((signal) => ({ signal, message: Buffer.from(request('a')) })))
    exporter.ledger.balance()
  })

  test('otelcol.exporter.otlp tries again after UNAVAILABLE and drops after INVALID_ARGUMENT', async () => {
    const codes = [status.UNAVAILABLE, status.OK, status.INVALID_ARGUMENT]
    const server = await grpcServer(() => {
      const code = codes.shift()!
      return code === status.OK ? Buffer.alloc(0) : { code, details: 'no' }
    })
    const exporter = await runReal(grpcExporter, {
      client: { endpoint: server.endpoint, tls: { insecure: true } },
      retry_on_failure: { initial_interval: '10ms' },
    })
    const traces = { type: 'otel.traces', count: 1, bytes: request('a') } as const
    expect(await exporter.send('input', traces)).toEqual(delivered)
    expect(await exporter.send('input', traces)).toEqual({ status: 'dropped', reason: 'grpc_3' })
    expect(server.received).toHaveLength(3)
    exporter.ledger.balance()
  })
})

test.each([
  ['none', 'proto'],
  ['gzip', 'proto'],
  ['zstd', 'proto'],
  ['snappy', 'proto'],
  ['gzip', 'json'],
])(
  'the exporter over HTTP and the receiver understand each other with compression %s and encoding %s',
  async (compression, encoding) => {
    const { running, addresses } = await receiving({ http: { endpoint: any } })
    const client = { endpoint: `http://${addresses['http']}`, compression }
    const exporter = await runReal(httpExporter, { client, encoding })
    const bytes = request('a'.repeat(2000))
    expect(await exporter.send('input', { type: 'otel.traces', count: 1, bytes })).toEqual(delivered)
    const [arrived] = running.outputs['output.traces']!.batches as { bytes: Uint8Array }[]
    expect(Buffer.from(arrived!.bytes)).toEqual(Buffer.from(bytes))

    running.outputs['output.traces']!.outcome = dropped('http_400')
    expect(await exporter.send('input', { type: 'otel.traces', count: 1, bytes })).toEqual(
      dropped('rejected_by_remote'),
    )
    exporter.ledger.balance()
  },
)

test('records go through receiver, batch and exporter, and their sender hears of their fate', async () => {
  const backend = await grpcServer(() => Buffer.alloc(0))
  const exporter = await runReal(grpcExporter, { client: { endpoint: backend.endpoint, tls: { insecure: true } } })
  const batching = await runReal(batch, { timeout: '50ms', send_batch_size: 1000, output: {} })
  connect(batching, exporter)
  const { running, addresses } = await receiving({ http: { endpoint: any }, grpc: { endpoint: any } })
  connect(running, batching)

  const names = Array.from({ length: 40 }, (_, i) => `span-${i}`)
  const answers = await Promise.all(
    names.map(async (name, i) => {
      if (i % 2 === 0) return (await post(addresses['http']!, request(name))).status
      const answer = await call(addresses['grpc']!, request(name))
      return Buffer.isBuffer(answer) && decodeExportResponse(answer).rejected === 0 ? 200 : answer
    }),
  )
  expect(answers).toEqual(names.map(() => 200))
  await settle()
  const arrived = Buffer.concat(backend.received.map(({ message }) => message)).toString('latin1')
  expect([...arrived.matchAll(/span-\d+/g)].map(([name]) => name).toSorted()).toEqual(names.toSorted())
  for (const component of [exporter, batching, running]) component.ledger.balance()
  expect(exporter.ledger.snapshot).toMatchObject({ in: 40, out: 40 })
})
