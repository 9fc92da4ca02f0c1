import type { Text } from '@ingot/sdk'
import { Labels, type LogsBatch } from '@ingot/telemetry'
import type { Masker } from './masker.ts'

const star = 0x2a

/** The batch with what the masker finds replaced by stars; the same batch when it finds nothing. */
export function maskLogs(batch: LogsBatch, masker: Masker, text: Text): LogsBatch {
  const { arena, starts, ends, count } = batch
  // Batches are shared, so the arena is copied; once, and only when something was found.
  let masked: Uint8Array | undefined
  const onFound = (from: number, to: number): void => {
    masked ??= arena.slice()
    masked.fill(star, from, to)
  }
  for (let i = 0; i < count; i++) masker(arena, starts[i]!, ends[i]!, onFound)
  const metadata = batch.metadata && maskMetadata(batch.metadata, masker, text)
  if (!masked && metadata === batch.metadata) return batch
  return { ...batch, arena: masked ?? arena, ...(metadata && { metadata }) }
}

type Metadata = NonNullable<LogsBatch['metadata']>

function maskMetadata(metadata: Metadata, masker: Masker, text: Text): Metadata {
  let changed = false
  const masked = metadata.map((labels) => {
    const values = labels?.values.map((value) => maskText(value, masker, text))
    if (!labels || !values || values.every((value, i) => value === labels.values[i])) return labels
    changed = true
    return new Labels(labels.names, values)
  })
  return changed ? masked : metadata
}

function maskText(value: string, masker: Masker, text: Text): string {
  const bytes = text.encode(value)
  let found = false
  // Into a copy: the masker still looks at the bytes that follow.
  const masked = bytes.slice()
  masker(bytes, 0, bytes.length, (from, to) => {
    found = true
    masked.fill(star, from, to)
  })
  return found ? text.decode(masked) : value
}
