import { block, receivers } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'
import { z } from 'zod'

/** The `output` block of otelcol components. A signal that is left out goes nowhere. */
export function outputBlock() {
  const schema = z.strictObject({
    metrics: receivers('otel.metrics').optional().describe('Receivers of metrics.'),
    logs: receivers('otel.logs').optional().describe('Receivers of logs.'),
    traces: receivers('otel.traces').optional().describe('Receivers of traces.'),
  })
  return block(schema).describe('Where records go.')
}

export type OtelOutput = z.output<ReturnType<typeof outputBlock>>

/** The output of a batch's signal; undefined when nothing is connected. */
export function outputFor(output: OtelOutput, signal: OtelBatch['type']) {
  const each = signal === 'otel.traces' ? output.traces : signal === 'otel.logs' ? output.logs : output.metrics
  return each && each.receivers > 0 ? each : undefined
}
