/** OTLP: checking, counting, cutting and merging requests as bytes, and what lies around them on the wire. */
export type * from './batch.ts'
export * from './check.ts'
export * from './field-cursor.ts'
export * from './merge.ts'
export * from './otel-format-error.ts'
export * from './otel-request.ts'
export * from './slices.ts'
export * from './split.ts'
