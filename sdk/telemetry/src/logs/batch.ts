import type { Labels } from '../labels.ts'

/**
 * Log entries as columns over one byte arena. Entry `i` is the bytes
 * `arena[starts[i]] … arena[ends[i]]` (the end excluded, no newline), of the stream
 * `streams[streamIds[i]]`, at `seconds[i]` + `nanos[i]` since the epoch.
 *
 * Nothing of it changes until the batch is settled. After that its source may use the arena for other lines: whoever
 * settles a batch before being done with it keeps a copy.
 */
export interface LogsBatch {
  readonly type: 'loki.logs'
  readonly count: number
  readonly arena: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly streamIds: Uint32Array
  readonly streams: readonly Labels[]
  /** Whole seconds since the epoch. */
  readonly seconds: Float64Array
  /** 0 … 999,999,999. */
  readonly nanos: Uint32Array
  /** Structured metadata of entry `i`; absent when no entry of the batch has any. */
  readonly metadata?: readonly (Labels | undefined)[]
}
