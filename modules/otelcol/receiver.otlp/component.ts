import {
  debugMetricsBlock,
  fixed,
  outputBlock,
  serverTls,
  serverTlsBlock,
  unsupported,
  type ServerTls,
} from '@ingot/kits'
import {
  block,
  capsule,
  defineComponent,
  duration,
  size,
  type FileReader,
  type Listener,
  type ListenOptions,
} from '@ingot/sdk'
import { z } from 'zod'
import { grpcMethods } from './grpc-receiver.ts'
import { OtlpHttpReceiver } from './http-receiver.ts'
import { Intake } from './intake.ts'

/** How long a listener waits for running requests when the component stops. */
const graceMs = 1500
/** Requests handled at once by one listener; each may be waiting for its records' fate. */
const requestsMax = 4096

const handler = () => unsupported(capsule('otelcol.Handler')).describe('Authentication of clients. Not supported.')

const grpc = z.strictObject({
  endpoint: z.string().default('0.0.0.0:4317').describe('Address to listen on.'),
  transport: fixed(z.string(), 'tcp').describe('Transport of the listener.'),
  max_recv_msg_size: size().prefault('4MiB').describe('Largest request, uncompressed.'),
  max_concurrent_streams: unsupported(z.int().min(0)).describe('Streams of one connection. Not supported.'),
  read_buffer_size: fixed(size(), '512KiB').describe('Size of the read buffer.'),
  write_buffer_size: unsupported(size()).describe('Size of the write buffer. Not supported.'),
  include_metadata: z.boolean().default(false).describe('Whether batches carry the metadata of their request.'),
  auth: handler(),
  tls: serverTlsBlock(),
  keepalive: block(
    z
      .strictObject({
        server_parameters: block(
          z
            .strictObject({
              max_connection_idle: fixed(z.string(), 'infinity').describe('Idle time before a connection is closed.'),
              max_connection_age: fixed(z.string(), 'infinity').describe('Age at which a connection is closed.'),
              max_connection_age_grace: fixed(z.string(), 'infinity').describe('Time for running requests then.'),
              time: fixed(duration(), '2h').describe('Idle time before a ping.'),
              timeout: fixed(duration(), '20s').describe('Wait for the answer to a ping.'),
            })
            .optional(),
        ).describe('Life of connections.'),
        enforcement_policy: block(
          z
            .strictObject({
              min_time: fixed(duration(), '5m').describe('Shortest time between pings of a client.'),
              permit_without_stream: fixed(z.boolean(), false).describe('Whether idle clients may ping.'),
            })
            .optional(),
        ).describe('Pings that clients may send.'),
      })
      .optional(),
  ).describe('Keep-alive of connections. Only the defaults are supported.'),
})

const http = z.strictObject({
  endpoint: z.string().default('0.0.0.0:4318').describe('Address to listen on.'),
  traces_url_path: z.string().default('/v1/traces').describe('Path that takes traces.'),
  metrics_url_path: z.string().default('/v1/metrics').describe('Path that takes metrics.'),
  logs_url_path: z.string().default('/v1/logs').describe('Path that takes logs.'),
  max_request_body_size: size().prefault('20MiB').describe('Largest request, compressed and uncompressed.'),
  include_metadata: z.boolean().default(false).describe('Whether batches carry the headers of their request.'),
  compression_algorithms: z
    .array(z.enum(['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4']))
    .default(['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4'])
    .describe('Compressions that requests may have. Of these, gzip, zstd and snappy can be read.'),
  auth: handler(),
  tls: serverTlsBlock(),
  cors: block(
    z
      .strictObject({
        allowed_origins: z
          .array(z.string())
          .default([])
          .describe('Origins of pages that may send; `*` stands for any text.'),
        allowed_headers: z.array(z.string()).default(['X-Requested-With']).describe('Headers that pages may send.'),
        exposed_headers: z.array(z.string()).default([]).describe('Headers of answers that pages may read.'),
        max_age: z.int().min(0).default(0).describe('Seconds for which browsers remember the answer.'),
      })
      .optional(),
  ).describe('Cross-origin requests of browsers.'),
  idle_timeout: fixed(duration(), '1m').describe('How long an idle connection is kept.'),
  read_timeout: fixed(z.string(), '').describe('Longest time to read a request.'),
  read_header_timeout: fixed(duration(), '1m').describe('Longest time to read the headers of a request.'),
  write_timeout: fixed(duration(), '30s').describe('Longest time to write an answer.'),
  keep_alives_enabled: fixed(z.boolean(), true).describe('Whether connections are kept between requests.'),
})

export type HttpArguments = z.output<typeof http>

export default defineComponent({
  name: 'otelcol.receiver.otlp',
  stability: 'generally-available',
  summary: 'Accepts metrics, logs and traces over OTLP, with gRPC and HTTP.',
  docs: 'A request is answered when the fate of its records is settled: with success once they are delivered, with `partial_success` when they were dropped, and with a retryable error when they were refused.',
  settles: 'with delivery',
  scaling: 'single',
  signals: ['otel.metrics', 'otel.logs', 'otel.traces'],
  arguments: z.strictObject({
    grpc: block(grpc.optional()).describe('Listens for OTLP over gRPC.'),
    http: block(http.optional()).describe('Listens for OTLP over HTTP.'),
    output: outputBlock(),
    debug_metrics: debugMetricsBlock(),
  }),
  capabilities: {
    'http.serve': [
      { why: 'Accepts OTLP over gRPC.', from: 'grpc.endpoint' },
      { why: 'Accepts OTLP over HTTP.', from: 'http.endpoint' },
    ],
    'fs.read': [
      { why: 'Reads the certificate of the gRPC listener.', from: 'grpc.tls.cert_file' },
      { why: 'Reads the key of the gRPC listener.', from: 'grpc.tls.key_file' },
      { why: 'Reads CA certificates of gRPC clients.', from: 'grpc.tls.client_ca_file' },
      { why: 'Reads the certificate of the HTTP listener.', from: 'http.tls.cert_file' },
      { why: 'Reads the key of the HTTP listener.', from: 'http.tls.key_file' },
      { why: 'Reads CA certificates of HTTP clients.', from: 'http.tls.client_ca_file' },
    ],
  },
  async run({ args, env, signal, ledger, debugInfo }) {
    const listeners: [protocol: string, Listener][] = []
    debugInfo(() => ({ listeners: listeners.map(([protocol, { address }]) => ({ protocol, address })) }))
    try {
      if (args.grpc) {
        const intake = new Intake(args.output, ledger, env.metrics, 'grpc')
        const options = await listenOptions(args.grpc.endpoint, args.grpc.max_recv_msg_size, args.grpc.tls, env.fs)
        listeners.push(['grpc', await env.server.listenGrpc(options, grpcMethods(intake, args.grpc.include_metadata))])
      }
      if (args.http) {
        const intake = new Intake(args.output, ledger, env.metrics, 'http')
        const receiver = new OtlpHttpReceiver(args.http, intake, env.codec, env.text)
        const options = await listenOptions(args.http.endpoint, args.http.max_request_body_size, args.http.tls, env.fs)
        listeners.push(['http', await env.server.listenHttp(options, (request) => receiver.handle(request))])
      }
      for (const [protocol, { address }] of listeners) env.log.info('listening for OTLP', { protocol, address })
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await Promise.all(listeners.map(([, listener]) => listener.close(graceMs)))
    }
  },
})

async function listenOptions(
  address: string,
  bodyBytesMax: number,
  tls: ServerTls | undefined,
  fs: FileReader,
): Promise<ListenOptions> {
  const options = { address, bodyBytesMax, requestsMax }
  return tls ? { ...options, tls: await serverTls(tls, fs) } : options
}
