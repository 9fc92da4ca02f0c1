import {
  OtelExporter,
  clientAuth,
  clientTls,
  clientTlsBlock,
  debugMetricsBlock,
  fixed,
  retryBlock,
  sendingQueueBlock,
  unsupported,
} from '@ingot/kits'
import { block, defineComponent, duration, receiver, size } from '@ingot/sdk'
import { z } from 'zod'
import { OtlpGrpcSender } from './sender.ts'

const client = z.strictObject({
  endpoint: z
    .string()
    .describe('Destination: `otlp.example:4317`. With `http://` in front the connection is without TLS.'),
  compression: z
    .enum(['gzip', 'zstd', 'snappy', 'none', ''])
    .default('gzip')
    .describe('Compression of requests: "gzip", "zstd", "snappy" or "none".'),
  headers: z.record(z.string(), z.string()).default({}).describe('Metadata to send with each request.'),
  auth: clientAuth(),
  tls: clientTlsBlock(),
  authority: unsupported(z.string()).describe('Host that the destination is asked for. Not supported.'),
  balancer_name: z
    .enum(['round_robin', 'pick_first'])
    .default('round_robin')
    .describe('Accepted for compatibility: all requests share one connection to each address of the destination.'),
  wait_for_ready: fixed(z.boolean(), false).describe('Whether a request waits for the connection.'),
  read_buffer_size: unsupported(size()).describe('Size of the read buffer. Not supported.'),
  write_buffer_size: fixed(size(), '512KiB').describe('Size of the write buffer.'),
  keepalive: block(
    unsupported(
      z.strictObject({
        ping_wait: duration().optional().describe('Idle time before a ping.'),
        ping_response_timeout: duration().optional().describe('Wait for the answer.'),
        ping_without_stream: z.boolean().optional().describe('Whether to ping without running requests.'),
      }),
    ),
  ).describe('Pings on idle connections. Not supported.'),
})

export default defineComponent({
  name: 'otelcol.exporter.otlp',
  stability: 'generally-available',
  summary: 'Sends metrics, logs and traces to a destination with OTLP over gRPC.',
  settles: 'with delivery',
  scaling: 'replicate',
  signals: ['otel.metrics', 'otel.logs', 'otel.traces'],
  arguments: z.strictObject({
    client: block(client).describe('The destination.'),
    timeout: duration().prefault('5s').describe('Longest time of one request, its answer included.'),
    retry_on_failure: retryBlock(),
    sending_queue: sendingQueueBlock(),
    debug_metrics: debugMetricsBlock(),
  }),
  exports: z.object({
    input: receiver('otel.metrics', 'otel.logs', 'otel.traces').describe('Takes records of all three signals.'),
  }),
  capabilities: {
    'http.request': [{ why: 'Sends records to the destination.', from: 'client.endpoint' }],
    'fs.read': [
      { why: 'Reads CA certificates.', from: 'client.tls.ca_file' },
      { why: 'Reads the client certificate.', from: 'client.tls.cert_file' },
      { why: 'Reads the client key.', from: 'client.tls.key_file' },
    ],
    clock: [{ why: 'Waits between attempts.' }],
    random: [{ why: 'Spreads attempts of many collectors.' }],
  },
  async run({ args, env, signal, ledger, receive }) {
    const { client, timeout } = args
    const sender = new OtlpGrpcSender({ ...client, timeout }, env, () => clientTls(client.tls, env.fs))
    const exporter = new OtelExporter(
      { env, signal, ledger },
      { retry: args.retry_on_failure, queue: args.sending_queue, send: (batch, ending) => sender.send(batch, ending) },
    )
    receive('input', (batch) => exporter.handle(batch))
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await exporter.stop()
  },
})
