import type { OtelObject } from '@ingot/telemetry'

type Messages = readonly OtelObject[]

/** One line for each record of a decoded request: its name, value or body, and its attributes. */
export function describeRecords(request: OtelObject): string[] {
  const groups = Object.values(request).flatMap((group) => group as Messages)
  const scopes = groups.flatMap((group) => list(group['scopeSpans'] ?? group['scopeLogs'] ?? group['scopeMetrics']))
  return scopes.flatMap((scope) => [
    ...list(scope['spans']).map(describeSpan),
    ...list(scope['logRecords']).map(describeLogRecord),
    ...list(scope['metrics']).flatMap(describeMetric),
  ])
}

function describeSpan(span: OtelObject): string {
  const ids = `${String(span['traceId'] ?? '')} ${String(span['spanId'] ?? '')}`
  return `${String(span['name'] ?? '')} ${ids}${attributes(span)}`
}

function describeLogRecord(record: OtelObject): string {
  return `${valueText(record['body'])}${attributes(record)}`
}

function describeMetric(metric: OtelObject): string[] {
  const data =
    metric['gauge'] ?? metric['sum'] ?? metric['histogram'] ?? metric['exponentialHistogram'] ?? metric['summary']
  const points = list((data as OtelObject | undefined)?.['dataPoints'])
  return points.map((point) => `${String(metric['name'] ?? '')}${attributes(point)} ${pointText(point)}`)
}

function pointText(point: OtelObject): string {
  const value = point['asDouble'] ?? point['asInt']
  if (value !== undefined) return String(value)
  const { count, sum } = point
  return `count=${String(count ?? 0)} sum=${String(sum ?? 0)}`
}

function attributes(record: OtelObject): string {
  return list(record['attributes'])
    .map((each) => ` ${String(each['key'] ?? '')}=${valueText(each['value'])}`)
    .join('')
}

/** An attribute value: scalars as they are, lists and maps as OTLP/JSON. */
function valueText(value: unknown): string {
  const scalar = Object.values((value ?? {}) as OtelObject)[0]
  return typeof scalar === 'object' ? JSON.stringify(scalar) : String(scalar ?? '')
}

function list(value: unknown): Messages {
  return Array.isArray(value) ? (value as Messages) : []
}
