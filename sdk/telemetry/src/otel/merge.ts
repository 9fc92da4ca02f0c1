import type { OtelBatch } from './batch.ts'

/**
 * One batch with the records of all, in their order: the requests one after the other, which protobuf reads as one
 * request. The batches are of one signal and carry the same metadata, that of the first.
 */
export function mergeOtel(batches: readonly OtelBatch[]): OtelBatch {
  const first = batches[0]
  if (!first) throw new Error('Cannot merge batches: found none, want at least one')
  if (batches.length === 1) return first
  let length = 0
  let count = 0
  for (const batch of batches) {
    if (batch.type !== first.type) throw new Error(`Cannot merge batches: found ${batch.type}, want ${first.type}`)
    length += batch.bytes.length
    count += batch.count
  }
  const bytes = new Uint8Array(length)
  let position = 0
  for (const batch of batches) {
    bytes.set(batch.bytes, position)
    position += batch.bytes.length
  }
  return { ...first, count, bytes }
}
