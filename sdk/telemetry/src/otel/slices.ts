import { FieldCursor } from './field-cursor.ts'

/** A message inside the bytes of a request: where its fields start and end. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/**
 * The messages in one repeated field of `within`, found one at a time. An OTLP request has its Resource* in field 1,
 * each of those its Scope* in field 2 (its Resource in field 1), and each of those its spans, log records or metrics
 * in field 2 (its scope in field 1).
 */
export function* childrenOf(bytes: Uint8Array, within: Slice, field: number): Generator<Slice, void> {
  const cursor = new FieldCursor(bytes, within.start, within.end)
  while (cursor.next()) {
    if (cursor.number === field && cursor.wire === 2) yield { start: cursor.start, end: cursor.end }
  }
}

/** The message in a field that is not repeated: the last one counts. Undefined when it is absent. */
export function childOf(bytes: Uint8Array, within: Slice, field: number): Slice | undefined {
  let found: Slice | undefined
  for (const slice of childrenOf(bytes, within, field)) found = slice
  return found
}

/** The Resource* messages of a request. */
export function resourcesOf(bytes: Uint8Array): Generator<Slice, void> {
  return childrenOf(bytes, { start: 0, end: bytes.length }, 1)
}

/** The Scope* messages of a Resource*. */
export function scopesOf(bytes: Uint8Array, resource: Slice): Generator<Slice, void> {
  return childrenOf(bytes, resource, 2)
}

/** The spans, log records or metrics of a Scope*. */
export function recordsOf(bytes: Uint8Array, scope: Slice): Generator<Slice, void> {
  return childrenOf(bytes, scope, 2)
}
