import { context, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api'
import { SeverityNumber } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Receiver } from '../peers/receiver.ts'
import { Collector } from '../servers/ingot.ts'
import { imbalances } from '../servers/live.ts'
import { freePort, until } from '../servers/process.ts'

/** What the SDK sends straight to one receiving end, and through Ingot to another, must be the same field by field. */
const direct = new Receiver()
const through = new Receiver()
let directHttp = ''
let collector: Collector
let ingotHttp = ''
let ingotGrpc = ''

beforeAll(async () => {
  directHttp = (await direct.start()).http
  const sink = await through.start()
  ingotHttp = `127.0.0.1:${await freePort()}`
  ingotGrpc = `127.0.0.1:${await freePort()}`
  collector = await Collector.start({
    config: `
      otelcol.receiver.otlp "in" {
        http { endpoint = "${ingotHttp}" }
        grpc { endpoint = "${ingotGrpc}" }
        output {
          traces  = [otelcol.processor.batch.b.input]
          metrics = [otelcol.processor.batch.b.input]
          logs    = [otelcol.processor.batch.b.input]
        }
      }
      otelcol.processor.batch "b" {
        timeout = "50ms"
        output {
          traces  = [otelcol.exporter.otlphttp.out.input]
          metrics = [otelcol.exporter.otlp.out.input]
          logs    = [otelcol.exporter.otlphttp.out.input]
        }
      }
      otelcol.exporter.otlphttp "out" {
        client { endpoint = "http://${sink.http}" }
      }
      otelcol.exporter.otlp "out" {
        client {
          endpoint = "${sink.grpc}"
          tls { insecure = true }
        }
      }`,
    flags: ['--lanes=2'],
  })
})

afterAll(async () => {
  await collector?.stop()
  await Promise.all([direct.stop(), through.stop()])
})

const resource = resourceFromAttributes({
  'service.name': 'checkout',
  'service.version': '1.2.3',
  'host.cpus': 4,
  ratio: 0.25,
  flags: [true, false],
})

interface Tree {
  readonly [name: string]: unknown
}

/** Every span, log record or metric of a receiver with the resource and scope it came under, by a key of its own. */
function flatten(
  receiver: Receiver,
  format: 'traces' | 'logs' | 'metrics',
  keyOf: (record: Tree) => string,
): Map<string, unknown> {
  const names = {
    traces: ['resource_spans', 'scope_spans', 'spans'],
    logs: ['resource_logs', 'scope_logs', 'log_records'],
    metrics: ['resource_metrics', 'scope_metrics', 'metrics'],
  } as const
  const [outer, middle, inner] = names[format]
  const found = new Map<string, unknown>()
  for (const message of receiver.messages<Tree>(format)) {
    for (const resourceGroup of message[outer] as Tree[]) {
      for (const scopeGroup of resourceGroup[middle] as Tree[]) {
        for (const record of scopeGroup[inner] as Tree[]) {
          found.set(keyOf(record), { record, scope: scopeGroup['scope'], resource: resourceGroup['resource'] })
        }
      }
    }
  }
  return found
}

function makeSpans(exporters: readonly SpanExporter[], name: string): NodeTracerProvider {
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor(exporter)),
  })
  const tracer = provider.getTracer('shop', '0.9')
  for (let i = 0; i < 25; i++) {
    const parent = tracer.startSpan(`${name} ${i}`, {
      kind: SpanKind.SERVER,
      attributes: { i, text: 'grüße', big: 2 ** 40, neg: -7, list: ['a', 'b'] },
    })
    const child: Span = tracer.startSpan(
      'child',
      { links: [{ context: parent.spanContext(), attributes: { link: true } }] },
      trace.setSpan(context.active(), parent),
    )
    child.addEvent('event', { at: i })
    child.recordException(new Error('boom'))
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' })
    child.end()
    parent.end()
  }
  return provider
}

function bothHave(format: 'traces' | 'logs' | 'metrics', keyOf: (record: Tree) => string, records: number): boolean {
  return [direct, through].every((receiver) => flatten(receiver, format, keyOf).size === records)
}

/** Spans made so far: each of the three tests makes 25 with a child each. */
let spans = 0

test.each([
  ['protobuf over HTTP', () => new OTLPTraceExporter({ url: `http://${ingotHttp}/v1/traces` })],
  ['JSON over HTTP', () => new JsonTraceExporter({ url: `http://${ingotHttp}/v1/traces` })],
  ['gRPC', () => new GrpcTraceExporter({ url: `http://${ingotGrpc}` })],
])('spans sent as %s arrive field by field', { timeout: 60_000 }, async (name, exporter) => {
  const provider = makeSpans([new OTLPTraceExporter({ url: `http://${directHttp}/v1/traces` }), exporter()], name)
  await provider.forceFlush()
  const spanId = (record: Tree): string => String(record['span_id'])
  spans += 50
  await until(() => bothHave('traces', spanId, spans), 'all spans')
  expect(Object.fromEntries(flatten(through, 'traces', spanId))).toEqual(
    Object.fromEntries(flatten(direct, 'traces', spanId)),
  )
  await provider.shutdown()
})

test('log records arrive field by field', { timeout: 60_000 }, async () => {
  const exporters = [directHttp, ingotHttp].map((address) => new OTLPLogExporter({ url: `http://${address}/v1/logs` }))
  const provider = new LoggerProvider({
    resource,
    processors: exporters.map((exporter) => new SimpleLogRecordProcessor({ exporter })),
  })
  const logger = provider.getLogger('shop', '0.9')
  for (let i = 0; i < 30; i++) {
    logger.emit({
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: { text: `message ${i}`, nested: [1, 'two', { three: 3 }] },
      attributes: { i },
    })
  }
  await provider.forceFlush()
  const index = (record: Tree): string => JSON.stringify(record['attributes'])
  await until(() => bothHave('logs', index, 30), 'all log records')
  expect(Object.fromEntries(flatten(through, 'logs', index))).toEqual(
    Object.fromEntries(flatten(direct, 'logs', index)),
  )
  await provider.shutdown()
})

test('metrics of every kind arrive field by field', { timeout: 60_000 }, async () => {
  const readers = [directHttp, ingotHttp].map(
    (address) =>
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `http://${address}/v1/metrics` }),
        exportIntervalMillis: 3_600_000,
      }),
  )
  const provider = new MeterProvider({ resource, readers })
  const meter = provider.getMeter('shop', '0.9')
  meter.createCounter('orders', { unit: '1', description: 'Orders' }).add(5, { kind: 'book' })
  meter.createUpDownCounter('open').add(-3)
  meter.createGauge('level').record(0.5)
  const histogram = meter.createHistogram('latency', { unit: 'ms' })
  for (const value of [1, 20, 300]) histogram.record(value, { path: '/' })
  await provider.forceFlush()
  const name = (record: Tree): string => String(record['name'])
  await until(() => bothHave('metrics', name, 4), 'all metrics')
  expect(withoutTimes(flatten(through, 'metrics', name))).toEqual(withoutTimes(flatten(direct, 'metrics', name)))
  await provider.shutdown()
})

test('after all of it every record is accounted for', async () => {
  await until(async () => imbalances(await collector.live()).length === 0, 'balanced counters', 10_000)
})

/** Two readers collect at two moments: all but their collection times must be equal. */
function withoutTimes(found: ReadonlyMap<string, unknown>): unknown {
  return JSON.parse(
    JSON.stringify(Object.fromEntries(found), (key, value: unknown) =>
      key.endsWith('time_unix_nano') ? undefined : value,
    ),
  )
}
