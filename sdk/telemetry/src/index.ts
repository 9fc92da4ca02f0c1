/**
 * Batches of every signal and their codecs. Pure functions over bytes: no I/O,
 * no clock, nothing of the runtime.
 */
export * from './batch.ts'
export * from './frame.ts'
export * from './labels.ts'
export * from './logs/index.ts'
export type * from './metrics/batch.ts'
export * from './otel/index.ts'
export { type RecordsBatch, type RecordsType } from './records/batch.ts'
export * from './protobuf/protobuf-reader.ts'
export * from './protobuf/protobuf-writer.ts'
export * from './utf8/utf8.ts'
export * from './metrics/exposition-error.ts'
export * from './metrics/exposition-parser.ts'
export * from './metrics/series-arena.ts'
export * from './metrics/special-values.ts'
export { decodeLabels, encodeLabels } from './metrics/labels-codec.ts'
export * from './snappy/snappy-compress.ts'
export * from './snappy/snappy-decompress.ts'
export * from './metrics/remote-write-encoder.ts'
export { decodeMetricsFrame, encodeMetricsFrame } from './metrics/frame.ts'
