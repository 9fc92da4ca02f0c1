import {
  OtelExporter,
  clientAuth,
  clientTls,
  clientTlsBlock,
  debugMetricsBlock,
  fixed,
  retryBlock,
  sendingQueueBlock,
} from '@ingot/kits'
import { block, defineComponent, duration, receiver, size } from '@ingot/sdk'
import { z } from 'zod'
import { OtlpHttpSender } from './sender.ts'

const client = z.strictObject({
  endpoint: z.string().describe('Base URL of the destination: `https://otlp.example:4318`.'),
  compression: z
    .enum(['gzip', 'zstd', 'snappy', 'none', ''])
    .default('gzip')
    .describe('Compression of requests: "gzip", "zstd", "snappy" or "none".'),
  compression_params: block(
    z
      .strictObject({ level: z.literal(1).describe('Compression level. Only 1, the fastest, is supported.') })
      .optional(),
  ).describe('Parameters of the compression.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers to send with each request.'),
  timeout: duration().prefault('30s').describe('Longest time of one request, its answer included.'),
  auth: clientAuth(),
  proxy_url: z.string().optional().describe('HTTP proxy to send requests through.'),
  tls: clientTlsBlock(),
  disable_keep_alives: fixed(z.boolean(), false).describe('Whether each request has its own connection.'),
  force_attempt_http2: z
    .boolean()
    .default(true)
    .describe('Accepted for compatibility: requests go over HTTP/1.1, which every server speaks.'),
  http2_ping_timeout: fixed(duration(), '15s').describe('Timeout of HTTP/2 pings.'),
  http2_read_idle_timeout: fixed(duration(), '0s').describe('Idle time before HTTP/2 pings.'),
  idle_conn_timeout: fixed(duration(), '90s').describe('How long an idle connection is kept.'),
  max_conns_per_host: fixed(z.int(), 0).describe('Connections to one host; 0 for no limit.'),
  max_idle_conns_per_host: fixed(z.int(), 0).describe('Idle connections kept to one host; 0 for no limit.'),
  max_idle_conns: fixed(z.int(), 100).describe('Idle connections kept.'),
  read_buffer_size: fixed(size(), '0').describe('Size of the read buffer.'),
  write_buffer_size: fixed(size(), '512KiB').describe('Size of the write buffer.'),
  cookies: block(
    z.strictObject({ enabled: fixed(z.boolean(), false).describe('Whether cookies are kept.') }).optional(),
  ).describe('Cookies.'),
})

export default defineComponent({
  name: 'otelcol.exporter.otlphttp',
  stability: 'generally-available',
  summary: 'Sends metrics, logs and traces to a destination with OTLP over HTTP.',
  settles: 'with delivery',
  scaling: 'replicate',
  signals: ['otel.metrics', 'otel.logs', 'otel.traces'],
  arguments: z.strictObject({
    client: block(client).describe('The destination.'),
    encoding: z.enum(['proto', 'json']).default('proto').describe('Encoding of requests: "proto" or "json".'),
    metrics_endpoint: z.string().optional().describe('URL for metrics. Default: `client.endpoint` + "/v1/metrics".'),
    logs_endpoint: z.string().optional().describe('URL for logs. Default: `client.endpoint` + "/v1/logs".'),
    traces_endpoint: z.string().optional().describe('URL for traces. Default: `client.endpoint` + "/v1/traces".'),
    retry_on_failure: retryBlock(),
    sending_queue: sendingQueueBlock(),
    debug_metrics: debugMetricsBlock(),
  }),
  exports: z.object({
    input: receiver('otel.metrics', 'otel.logs', 'otel.traces').describe('Takes records of all three signals.'),
  }),
  capabilities: {
    'http.request': [
      { why: 'Sends records to the destination.', from: 'client.endpoint' },
      { why: 'Sends metrics to their own URL.', from: 'metrics_endpoint' },
      { why: 'Sends logs to their own URL.', from: 'logs_endpoint' },
      { why: 'Sends traces to their own URL.', from: 'traces_endpoint' },
      { why: 'Sends requests through the proxy.', from: 'client.proxy_url' },
    ],
    'fs.read': [
      { why: 'Reads CA certificates.', from: 'client.tls.ca_file' },
      { why: 'Reads the client certificate.', from: 'client.tls.cert_file' },
      { why: 'Reads the client key.', from: 'client.tls.key_file' },
    ],
    clock: [{ why: 'Waits between attempts.' }],
    random: [{ why: 'Spreads attempts of many collectors.' }],
  },
  async run({ args, env, signal, ledger, receive }) {
    const sender = new OtlpHttpSender(args, env, () => clientTls(args.client.tls, env.fs))
    const exporter = new OtelExporter(
      { env, signal, ledger },
      { retry: args.retry_on_failure, queue: args.sending_queue, send: (batch, ending) => sender.send(batch, ending) },
    )
    receive('input', (batch) => exporter.handle(batch))
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await exporter.stop()
  },
})
