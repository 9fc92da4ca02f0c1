/** A sample application: `send-traces.ts <OTLP/HTTP origin>` sends a trace of a made-up shop every second. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const origin = process.argv[2] ?? 'http://127.0.0.1:4318'
const exporter = new OTLPTraceExporter({ url: `${origin}/v1/traces` })
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'sample-shop' }),
  spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 500 })],
})
const tracer = provider.getTracer('sample-shop')
let order = 0

const timer = setInterval(() => {
  const parent = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER, attributes: { 'order.id': ++order } })
  const child = tracer.startSpan('SELECT stock', { kind: SpanKind.CLIENT }, trace.setSpan(context.active(), parent))
  if (order % 7 === 0) child.setStatus({ code: SpanStatusCode.ERROR, message: 'out of stock' })
  child.end()
  parent.end()
}, 1000)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    void provider.shutdown()
  })
}
