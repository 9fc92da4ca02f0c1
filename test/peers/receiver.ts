/**
 * A receiving end for everything that Ingot sends: remote write, Loki push and OTLP over HTTP and gRPC. It decodes with
 * protobufjs and snappy's native library, keeps what arrived, and can be told to fail.
 */
import { Server as GrpcServer, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import snappy from 'snappy'
import { countRecords } from './count-records.ts'
import { decodeMessage, type WireFormat } from './wire-formats.ts'

/** Bodies larger than this are refused. */
const bodyBytesMax = 64 * 2 ** 20

export interface Received {
  readonly format: WireFormat
  readonly headers: Readonly<Record<string, string>>
  readonly wireBytes: number
  /** The decoded message, or undefined where the receiver only counts. */
  readonly message: unknown
  readonly records: number
}

export interface ReceiverOptions {
  readonly host?: string
  readonly port?: number
  readonly grpcPort?: number
  /** Asked for every request; another status than 200 is answered and nothing is kept. */
  readonly status?: (format: WireFormat) => number
  /** Whether whole messages are kept. Default: yes. */
  readonly keep?: boolean
  /** A page for people, at `/`. */
  readonly page?: () => string
  readonly onReceived?: (received: Received) => void
}

const paths: Readonly<Record<string, WireFormat>> = {
  '/api/v1/write': 'remoteWrite',
  '/loki/api/v1/push': 'lokiPush',
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
}
const services: Readonly<Record<string, { readonly service: string; readonly format: WireFormat }>> = {
  traces: { service: '/opentelemetry.proto.collector.trace.v1.TraceService/Export', format: 'traces' },
  logs: { service: '/opentelemetry.proto.collector.logs.v1.LogsService/Export', format: 'logs' },
  metrics: { service: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', format: 'metrics' },
}

export class Receiver {
  readonly received: Received[] = []
  readonly #options: ReceiverOptions
  readonly #http: Server
  readonly #grpc = new GrpcServer({ 'grpc.max_receive_message_length': bodyBytesMax })

  constructor(options: ReceiverOptions = {}) {
    this.#options = options
    this.#http = createServer((request, response) => void this.#handle(request, response))
    this.#addServices()
  }

  /** Listens on loopback unless told otherwise. */
  async start(): Promise<{ readonly http: string; readonly grpc: string }> {
    const { host = '127.0.0.1', port = 0, grpcPort = 0 } = this.#options
    await new Promise<void>((resolve) => this.#http.listen(port, host, resolve))
    const grpc = await new Promise<number>((resolve, reject) => {
      this.#grpc.bindAsync(`${host}:${grpcPort}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    return { http: `${host}:${(this.#http.address() as AddressInfo).port}`, grpc: `${host}:${grpc}` }
  }

  async stop(): Promise<void> {
    this.#grpc.forceShutdown()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  /** Every message of one format, in the order of arrival. */
  messages<T>(format: WireFormat): readonly T[] {
    return this.received.filter((one) => one.format === format).map(({ message }) => message as T)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/' && this.#options.page) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(this.#options.page())
      return
    }
    const format = paths[request.url?.split('?')[0] ?? '']
    if (!format || request.method !== 'POST') {
      response.writeHead(404).end()
      return
    }
    const body = await readBody(request)
    const status = this.#options.status?.(format) ?? 200
    if (status !== 200) {
      response.writeHead(status).end()
      return
    }
    try {
      const raw = decompress(body, format, String(request.headers['content-encoding'] ?? ''))
      this.#keep(format, raw, request.headers as Record<string, string>, body.length)
      response
        .writeHead(format === 'traces' || format === 'logs' || format === 'metrics' ? 200 : 204, {
          'content-type': 'application/x-protobuf',
        })
        .end()
    } catch (error) {
      response.writeHead(400).end(String(error))
    }
  }

  #addServices(): void {
    const identity = (bytes: Buffer): Buffer => bytes
    for (const [name, { service, format }] of Object.entries(services)) {
      const definition = {
        path: service,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      }
      this.#grpc.addService(
        { [name]: definition },
        {
          [name]: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
            const status = this.#options.status?.(format) ?? 200
            if (status !== 200) return done({ code: 14, details: `told to answer ${status}` })
            this.#keep(
              format,
              call.request,
              Object.fromEntries(Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)])),
              call.request.length,
            )
            return done(null, Buffer.alloc(0))
          },
        },
      )
    }
  }

  #keep(format: WireFormat, raw: Uint8Array, headers: Readonly<Record<string, string>>, wireBytes: number): void {
    const message = decodeMessage<Record<string, unknown>>(format, raw)
    const received = { format, headers, wireBytes, message, records: countRecords(format, message) }
    if (this.#options.keep ?? true) this.received.push(received)
    this.#options.onReceived?.(received)
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error(`Cannot take a body over ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decompress(body: Buffer, format: WireFormat, encoding: string): Uint8Array {
  if (format === 'remoteWrite' || format === 'lokiPush') return snappy.uncompressSync(body) as Buffer
  if (encoding === 'gzip') return gunzipSync(body)
  if (encoding === 'zstd') return zstdDecompressSync(body)
  return body
}
