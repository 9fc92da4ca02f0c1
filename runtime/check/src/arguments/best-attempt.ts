import type { JsonSchema } from '@ingot/manifest'
import type { Decoding } from './decoding.ts'

/** Decodes against each alternative until one holds; when none does, the one with the fewest mistakes is reported. */
export function bestAttempt<T>(
  decoding: Decoding,
  alternatives: readonly JsonSchema[],
  decode: (attempt: Decoding, schema: JsonSchema) => T,
): T {
  let best: { readonly attempt: Decoding; readonly value: T } | undefined
  for (const schema of alternatives) {
    const attempt = decoding.attempt()
    const value = decode(attempt, schema)
    if (best === undefined || attempt.diagnostics.length < best.attempt.diagnostics.length) best = { attempt, value }
    if (attempt.diagnostics.length === 0) break
  }
  if (!best) throw new Error('there is at least one alternative')
  decoding.adopt(best.attempt)
  return best.value
}
