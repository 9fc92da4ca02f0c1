import type { LogFields } from '@ingot/sdk'
import { decodeOtelRequest, recordsOf, resourcesOf, scopesOf, type OtelBatch, type OtelObject } from '@ingot/telemetry'
import { describeRecords } from './describe-records.ts'

export type Verbosity = 'basic' | 'normal' | 'detailed'

/** Characters of one message; what is beyond is left out and counted. */
const charactersMax = 64 * 1024

const words: Readonly<Record<OtelBatch['type'], readonly [title: string, resources: string, records: string]>> = {
  'otel.traces': ['Traces', 'resource_spans', 'spans'],
  'otel.logs': ['Logs', 'resource_logs', 'log_records'],
  'otel.metrics': ['Metrics', 'resource_metrics', 'data_points'],
}

/** What the log says of a batch. Only the verbosities beyond `basic` decode it. */
export function describeBatch(batch: OtelBatch, verbosity: Verbosity): { message: string; fields: LogFields } {
  const [title, resources, records] = words[batch.type]
  const counts = countMessages(batch)
  const fields = {
    [resources]: counts.resources,
    ...(batch.type === 'otel.metrics' ? { metrics: counts.records } : {}),
    [records]: batch.count,
  }
  if (verbosity === 'basic') return { message: title, fields }
  const request = decodeOtelRequest(batch)
  const text = verbosity === 'normal' ? describeRecords(request).join('\n') : outline(request).join('\n')
  return { message: `${title}\n${shortened(text)}`, fields }
}

function countMessages({ bytes }: OtelBatch): { resources: number; records: number } {
  let resources = 0
  let records = 0
  for (const resource of resourcesOf(bytes)) {
    resources++
    for (const scope of scopesOf(bytes, resource)) for (const _ of recordsOf(bytes, scope)) records++
  }
  return { resources, records }
}

/** Everything in a message, a line a field, indented by its depth. */
function outline(message: OtelObject, indent = ''): string[] {
  const lines: string[] = []
  for (const [name, value] of Object.entries(message)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof each !== 'object' || each === null) lines.push(`${indent}${name}: ${JSON.stringify(each)}`)
      else lines.push(`${indent}${name}:`, ...outline(each as OtelObject, `${indent}  `))
    }
  }
  return lines
}

function shortened(text: string): string {
  if (text.length <= charactersMax) return text
  return `${text.slice(0, charactersMax)}\n… ${text.length - charactersMax} characters left out`
}
