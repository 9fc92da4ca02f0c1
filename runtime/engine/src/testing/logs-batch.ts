import { Labels, LogsBatchBuilder, type LogsBatch } from '@ingot/telemetry'

const stream = Labels.from([['job', 'test']])

/** A batch of the given lines. */
export function logsBatch(...lines: readonly string[]): LogsBatch {
  const builder = new LogsBatchBuilder()
  for (const [i, line] of lines.entries()) {
    const bytes = new TextEncoder().encode(line)
    builder.append(builder.stream(stream), bytes, 0, bytes.length, 1_700_000_000, i)
  }
  return builder.build()
}

export function linesOf({ arena, starts, ends, count }: LogsBatch): string[] {
  return Array.from({ length: count }, (_, i) => new TextDecoder().decode(arena.subarray(starts[i], ends[i])))
}
