import { Labels, linesBatch, lineTexts, type Batch, type LogsBatch } from '@ingot/telemetry'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const text = {
  encode: (line: string) => encoder.encode(line),
  decode: (bytes: Uint8Array) => decoder.decode(bytes),
}

/** A batch of log entries with these lines, all of one stream. */
export function logsBatch(
  lines: readonly string[],
  labels: Readonly<Record<string, string>> = { job: 'test' },
): LogsBatch {
  return linesBatch(lines, { text, labels: Labels.from(Object.entries(labels)), timeMs: Date.UTC(2026, 0, 1) })
}

/** The lines of batches of log entries, in order. @throws when one is of another type. */
export function linesOf(...batches: readonly Batch[]): string[] {
  return batches.flatMap((batch) => {
    if (batch.type !== 'loki.logs') throw new Error(`Cannot read lines of a batch of ${batch.type}: want loki.logs`)
    return lineTexts(batch, text)
  })
}
