import { readOtelJson, type OtelBatch, type OtelSignal } from '@ingot/telemetry'

const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }]
const many = (count: number, make: (i: number) => object) => Array.from({ length: count }, (_, i) => make(i))

/** A request of one signal with so many records, as OTLP/JSON. */
export function requestJson(signal: OtelSignal, count = 2): string {
  const resource = { attributes }
  if (signal === 'otel.traces') {
    const spans = many(count, (i) => ({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      name: `span ${i}`,
    }))
    return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
  }
  if (signal === 'otel.logs') {
    const logRecords = many(count, (i) => ({ body: { stringValue: `line ${i}` }, attributes }))
    return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
  }
  const dataPoints = many(count, (i) => ({ asInt: String(i), attributes }))
  return JSON.stringify({
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'requests', sum: { dataPoints } }] }] }],
  })
}

export function requestBatch(signal: OtelSignal, count = 2): OtelBatch {
  return readOtelJson(requestJson(signal, count), signal)
}
