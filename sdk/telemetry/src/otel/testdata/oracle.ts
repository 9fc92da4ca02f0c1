import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import protobuf from 'protobufjs'
import type { OtelSignal } from '../batch.ts'

/** The messages of OTLP as protobufjs reads and writes them: independent of our own codecs. */
const oracle = protobuf.loadSync(fileURLToPath(new URL('otlp.proto', import.meta.url)))

export const requestName: Readonly<Record<OtelSignal, string>> = {
  'otel.traces': 'ExportTraceServiceRequest',
  'otel.logs': 'ExportLogsServiceRequest',
  'otel.metrics': 'ExportMetricsServiceRequest',
}
export const signals: readonly OtelSignal[] = ['otel.traces', 'otel.logs', 'otel.metrics']

type Plain = Record<string, unknown>

export function encode(message: string, value: Plain): Uint8Array {
  const type = oracle.lookupType(`otlp.${message}`)
  return new Uint8Array(type.encode(type.fromObject(value)).finish())
}

export function decode(message: string, bytes: Uint8Array): Plain {
  const type = oracle.lookupType(`otlp.${message}`)
  return type.toObject(type.decode(bytes), { longs: String, bytes: Array, oneofs: false }) as Plain
}

/** The records of a request with what is around each of them, as text: equal lists mean equal requests. */
export function recordTexts(signal: OtelSignal, bytes: Uint8Array): string[] {
  const found: string[] = []
  const visit = (value: Plain, around: unknown[]): void => {
    const path = { resourceSpans: 1, scopeSpans: 1, spans: 2, resourceLogs: 1, scopeLogs: 1, logRecords: 2, resourceMetrics: 1, scopeMetrics: 1, metrics: 1, dataPoints: 2 }
    const kinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']
    const own = Object.entries(value).filter(([name]) => !(name in path) && !kinds.includes(name))
    for (const [name, child] of Object.entries(value)) {
      if (kinds.includes(name)) visit(child as Plain, [...around, own, name])
      const level = path[name as keyof typeof path]
      if (level === 1) for (const each of child as Plain[]) visit(each, [...around, own])
      if (level === 2) for (const each of child as Plain[]) found.push(JSON.stringify([...around, own, each]))
    }
  }
  visit(decode(requestName[signal], bytes), [])
  return found
}

const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const uint32 = fc.nat({ max: 0xffff_ffff })
const finite = fc.double({ noNaN: true })
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const id = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength })
const record = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape, { requiredKeys: [] })

const { anyValue, keyValue } = fc.letrec<{ anyValue: Plain; keyValue: Plain }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    int64.map((intValue) => ({ intValue })),
    finite.map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 9 }).map((bytesValue) => ({ bytesValue })),
    some(tie('anyValue')).map((values) => ({ arrayValue: { values } })),
    some(tie('keyValue')).map((values) => ({ kvlistValue: { values } })),
  ),
  keyValue: fc.record({ key: text, value: tie('anyValue') }),
}))
const attributes = some(keyValue, 4)
const resource = record({ attributes, droppedAttributesCount: uint32 })
const scope = record({ name: text, version: text, attributes })

const span = record({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: id(8),
  traceState: text,
  name: text,
  kind: fc.nat({ max: 5 }),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  events: some(record({ timeUnixNano: nanos, name: text, attributes })),
  links: some(record({ traceId: id(16), spanId: id(8), attributes, flags: uint32 })),
  status: record({ message: text, code: fc.nat({ max: 2 }) }),
  flags: uint32,
})
const logRecord = record({
  timeUnixNano: nanos,
  observedTimeUnixNano: nanos,
  severityNumber: fc.nat({ max: 24 }),
  severityText: text,
  body: anyValue,
  attributes,
  traceId: id(16),
  spanId: id(8),
  flags: uint32,
  eventName: text,
})
const numberValue = fc.oneof(
  finite.map((asDouble) => ({ asDouble })),
  int64.map((asInt) => ({ asInt })),
)
const exemplar = fc
  .tuple(record({ timeUnixNano: nanos, spanId: id(8), traceId: id(16), filteredAttributes: attributes }), numberValue)
  .map(([a, b]) => ({ ...a, ...b }))
const numberPoint = fc
  .tuple(record({ startTimeUnixNano: nanos, timeUnixNano: nanos, attributes, flags: uint32, exemplars: some(exemplar) }), numberValue)
  .map(([a, b]) => ({ ...a, ...b }))
const histogramPoint = record({
  timeUnixNano: nanos,
  count: nanos,
  sum: finite,
  bucketCounts: some(nanos, 5),
  explicitBounds: some(finite, 5),
  exemplars: some(exemplar),
  attributes,
  min: finite,
  max: finite,
})
const buckets = record({ offset: fc.integer(), bucketCounts: some(nanos, 5) })
const exponentialPoint = record({
  attributes,
  timeUnixNano: nanos,
  count: nanos,
  sum: finite,
  scale: fc.integer(),
  zeroCount: nanos,
  positive: buckets,
  negative: buckets,
  zeroThreshold: finite,
})
const summaryPoint = record({
  timeUnixNano: nanos,
  count: nanos,
  sum: finite,
  quantileValues: some(record({ quantile: finite, value: finite })),
  attributes,
})
const temporality = fc.nat({ max: 2 })
const points = (point: fc.Arbitrary<unknown>) => some(point, 5)
const metricData = fc.oneof(
  record({ dataPoints: points(numberPoint) }).map((gauge) => ({ gauge })),
  record({ dataPoints: points(numberPoint), aggregationTemporality: temporality, isMonotonic: fc.boolean() }).map((sum) => ({ sum })),
  record({ dataPoints: points(histogramPoint), aggregationTemporality: temporality }).map((histogram) => ({ histogram })),
  record({ dataPoints: points(exponentialPoint), aggregationTemporality: temporality }).map((exponentialHistogram) => ({ exponentialHistogram })),
  record({ dataPoints: points(summaryPoint) }).map((summary) => ({ summary })),
)
const metric = fc
  .tuple(record({ name: text, description: text, unit: text, metadata: attributes }), metricData)
  .map(([a, b]) => ({ ...a, ...b }))

/** Requests of one signal as plain objects: `encode(requestName[signal], …)` gives their bytes. */
export function requests(signal: OtelSignal): fc.Arbitrary<Plain> {
  const group = (outer: string, inner: string, records: string, each: fc.Arbitrary<unknown>) =>
    record({
      [outer]: some(
        record({
          resource,
          schemaUrl: text,
          [inner]: some(record({ scope, schemaUrl: text, [records]: some(each, 5) })),
        }),
      ),
    }) as fc.Arbitrary<Plain>
  if (signal === 'otel.traces') return group('resourceSpans', 'scopeSpans', 'spans', span)
  if (signal === 'otel.logs') return group('resourceLogs', 'scopeLogs', 'logRecords', logRecord)
  return group('resourceMetrics', 'scopeMetrics', 'metrics', metric)
}
