import { wireType } from '../protobuf/protobuf-writer.ts'
import type { OtelSignal } from './batch.ts'

/**
 * The messages of OTLP 1.x (opentelemetry-proto: common, resource, trace, logs, metrics, and the collector services):
 * field numbers, names in their JSON form, and types. From this one table follow the framing check and both directions
 * of OTLP/JSON. The fields that only profiles use are left out: they travel as unknown fields do.
 */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'id'
  | 'bool'
  | 'enum'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'

export interface OtelField {
  readonly number: number
  readonly name: string
  /** `id` is `bytes` that OTLP/JSON writes in hexadecimal. A type that is not scalar names a message. */
  readonly type: ScalarType | MessageName
  readonly repeated: boolean
}

/** What a batch counts: the message that follows from the field is one span, log record or data point. */
export const recordFields: Readonly<Partial<Record<MessageName, number>>> = {
  ScopeSpans: 2,
  ScopeLogs: 2,
  Gauge: 1,
  Sum: 1,
  Histogram: 1,
  ExponentialHistogram: 1,
  Summary: 1,
}

// `number name type`, with `*` after the type of a repeated field.
const text = {
  ExportTraceServiceRequest: '1 resourceSpans ResourceSpans*',
  ExportLogsServiceRequest: '1 resourceLogs ResourceLogs*',
  ExportMetricsServiceRequest: '1 resourceMetrics ResourceMetrics*',

  Resource: '1 attributes KeyValue*, 2 droppedAttributesCount uint32, 3 entityRefs EntityRef*',
  EntityRef: '1 schemaUrl string, 2 type string, 3 idKeys string*, 4 descriptionKeys string*',
  InstrumentationScope: '1 name string, 2 version string, 3 attributes KeyValue*, 4 droppedAttributesCount uint32',
  KeyValue: '1 key string, 2 value AnyValue',
  AnyValue:
    '1 stringValue string, 2 boolValue bool, 3 intValue int64, 4 doubleValue double, 5 arrayValue ArrayValue, 6 kvlistValue KeyValueList, 7 bytesValue bytes',
  ArrayValue: '1 values AnyValue*',
  KeyValueList: '1 values KeyValue*',

  ResourceSpans: '1 resource Resource, 2 scopeSpans ScopeSpans*, 3 schemaUrl string',
  ScopeSpans: '1 scope InstrumentationScope, 2 spans Span*, 3 schemaUrl string',
  Span: '1 traceId id, 2 spanId id, 3 traceState string, 4 parentSpanId id, 5 name string, 6 kind enum, 7 startTimeUnixNano fixed64, 8 endTimeUnixNano fixed64, 9 attributes KeyValue*, 10 droppedAttributesCount uint32, 11 events Event*, 12 droppedEventsCount uint32, 13 links Link*, 14 droppedLinksCount uint32, 15 status Status, 16 flags fixed32',
  Event: '1 timeUnixNano fixed64, 2 name string, 3 attributes KeyValue*, 4 droppedAttributesCount uint32',
  Link: '1 traceId id, 2 spanId id, 3 traceState string, 4 attributes KeyValue*, 5 droppedAttributesCount uint32, 6 flags fixed32',
  Status: '2 message string, 3 code enum',

  ResourceLogs: '1 resource Resource, 2 scopeLogs ScopeLogs*, 3 schemaUrl string',
  ScopeLogs: '1 scope InstrumentationScope, 2 logRecords LogRecord*, 3 schemaUrl string',
  LogRecord:
    '1 timeUnixNano fixed64, 2 severityNumber enum, 3 severityText string, 5 body AnyValue, 6 attributes KeyValue*, 7 droppedAttributesCount uint32, 8 flags fixed32, 9 traceId id, 10 spanId id, 11 observedTimeUnixNano fixed64, 12 eventName string',

  ResourceMetrics: '1 resource Resource, 2 scopeMetrics ScopeMetrics*, 3 schemaUrl string',
  ScopeMetrics: '1 scope InstrumentationScope, 2 metrics Metric*, 3 schemaUrl string',
  Metric:
    '1 name string, 2 description string, 3 unit string, 5 gauge Gauge, 7 sum Sum, 9 histogram Histogram, 10 exponentialHistogram ExponentialHistogram, 11 summary Summary, 12 metadata KeyValue*',
  Gauge: '1 dataPoints NumberDataPoint*',
  Sum: '1 dataPoints NumberDataPoint*, 2 aggregationTemporality enum, 3 isMonotonic bool',
  Histogram: '1 dataPoints HistogramDataPoint*, 2 aggregationTemporality enum',
  ExponentialHistogram: '1 dataPoints ExponentialHistogramDataPoint*, 2 aggregationTemporality enum',
  Summary: '1 dataPoints SummaryDataPoint*',
  NumberDataPoint:
    '2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 asDouble double, 5 exemplars Exemplar*, 6 asInt sfixed64, 7 attributes KeyValue*, 8 flags uint32',
  HistogramDataPoint:
    '2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, 6 bucketCounts fixed64*, 7 explicitBounds double*, 8 exemplars Exemplar*, 9 attributes KeyValue*, 10 flags uint32, 11 min double, 12 max double',
  ExponentialHistogramDataPoint:
    '1 attributes KeyValue*, 2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, 6 scale sint32, 7 zeroCount fixed64, 8 positive Buckets, 9 negative Buckets, 10 flags uint32, 11 exemplars Exemplar*, 12 min double, 13 max double, 14 zeroThreshold double',
  Buckets: '1 offset sint32, 2 bucketCounts uint64*',
  SummaryDataPoint:
    '2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, 6 quantileValues ValueAtQuantile*, 7 attributes KeyValue*, 8 flags uint32',
  ValueAtQuantile: '1 quantile double, 2 value double',
  Exemplar:
    '2 timeUnixNano fixed64, 3 asDouble double, 4 spanId id, 5 traceId id, 6 asInt sfixed64, 7 filteredAttributes KeyValue*',

  ExportTraceServiceResponse: '1 partialSuccess ExportTracePartialSuccess',
  ExportTracePartialSuccess: '1 rejectedSpans int64, 2 errorMessage string',
  ExportLogsServiceResponse: '1 partialSuccess ExportLogsPartialSuccess',
  ExportLogsPartialSuccess: '1 rejectedLogRecords int64, 2 errorMessage string',
  ExportMetricsServiceResponse: '1 partialSuccess ExportMetricsPartialSuccess',
  ExportMetricsPartialSuccess: '1 rejectedDataPoints int64, 2 errorMessage string',
} as const

export type MessageName = keyof typeof text

export const messageNames = Object.keys(text) as readonly MessageName[]

/** The message that each signal's requests are. */
export const requestMessage: Readonly<Record<OtelSignal, MessageName>> = {
  'otel.traces': 'ExportTraceServiceRequest',
  'otel.logs': 'ExportLogsServiceRequest',
  'otel.metrics': 'ExportMetricsServiceRequest',
}

/** The fields of each message, in the order of their numbers. */
export const messages: Readonly<Record<MessageName, readonly OtelField[]>> = Object.fromEntries(
  Object.entries(text).map(([name, fields]) => [name, fields.split(', ').map(parseField)]),
) as unknown as Record<MessageName, readonly OtelField[]>

export function isMessage(type: OtelField['type']): type is MessageName {
  return type in text
}

/** Bytes of an id that is not empty: trace ids have 16, span ids 8. */
export function idLength(name: string): number {
  return name === 'traceId' ? 16 : 8
}

/** The wire type of one value of the given type. */
export function wireTypeOf(type: OtelField['type']): number {
  switch (type) {
    case 'fixed64':
    case 'sfixed64':
    case 'double':
      return wireType.fixed64
    case 'fixed32':
      return wireType.fixed32
    case 'bool':
    case 'enum':
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'int64':
    case 'uint64':
      return wireType.varint
    default:
      return wireType.bytes
  }
}

function parseField(line: string): OtelField {
  const [number, name, type] = line.split(' ')
  const repeated = type!.endsWith('*')
  return { number: Number(number), name: name!, type: type!.replace('*', '') as OtelField['type'], repeated }
}
