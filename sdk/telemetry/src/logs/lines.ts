import type { Labels } from '../labels.ts'
import type { LogsBatch } from './batch.ts'
import { decodeLines, encodeLines } from './line-codec.ts'
import { LogsBatchBuilder } from './logs-batch-builder.ts'

/** UTF-8 in both directions: `env.text` of a component. */
export interface LineText {
  decode(bytes: Uint8Array): string
  encode(text: string): Uint8Array
}

export interface LinesOptions {
  readonly text: LineText
  readonly labels: Labels
  /** Milliseconds since the epoch: the time of every entry. */
  readonly timeMs: number
}

/**
 * A batch of one stream, with an entry for each text: for sources whose lines are text already.
 *
 * @example
 * ```ts
 * const batch = linesBatch(['one', 'two'], { text: env.text, labels: Labels.from([['job', 'app']]), timeMs: env.clock.now() })
 * ```
 */
export function linesBatch(lines: readonly string[], { text, labels, timeMs }: LinesOptions): LogsBatch {
  const builder = new LogsBatchBuilder(lines.length)
  const stream = builder.stream(labels)
  const seconds = Math.floor(timeMs / 1_000)
  const nanos = Math.round((timeMs - seconds * 1_000) * 1e6)
  const { arena, starts, ends } = encodeLines(lines, text)
  builder.adopt(arena)
  for (let i = 0; i < lines.length; i++) builder.appendSpan(stream, starts[i]!, ends[i]!, seconds, nanos)
  return builder.build()
}

/** The texts of all lines. Cheaper than one by one: in an isolate each call of `text` leaves it. */
export function lineTexts(batch: LogsBatch, text: LineText): string[] {
  return decodeLines(batch, text)
}

/** The bytes of line `index`, as a view of the arena. */
export function lineBytes(batch: LogsBatch, index: number): Uint8Array {
  return batch.arena.subarray(batch.starts[index], batch.ends[index])
}

export function lineText(batch: LogsBatch, index: number, text: LineText): string {
  return text.decode(lineBytes(batch, index))
}

export function lineLabels(batch: LogsBatch, index: number): Labels {
  return batch.streams[batch.streamIds[index]!]!
}

/** Sum of the lengths of all lines, without newlines. */
export function totalLineBytes(batch: LogsBatch): number {
  let total = 0
  for (let i = 0; i < batch.count; i++) total += batch.ends[i]! - batch.starts[i]!
  return total
}

/** A batch of the entries at `indices`, in their order. The arena and the streams are shared, not copied. */
export function selectLines(batch: LogsBatch, indices: ArrayLike<number>): LogsBatch {
  const count = indices.length
  const pick = <T extends Uint32Array | Float64Array>(from: T, into: T): T => {
    for (let i = 0; i < count; i++) into[i] = from[indices[i]!]!
    return into
  }
  const { metadata } = batch
  return {
    type: 'loki.logs',
    count,
    arena: batch.arena,
    streams: batch.streams,
    starts: pick(batch.starts, new Uint32Array(count)),
    ends: pick(batch.ends, new Uint32Array(count)),
    streamIds: pick(batch.streamIds, new Uint32Array(count)),
    seconds: pick(batch.seconds, new Float64Array(count)),
    nanos: pick(batch.nanos, new Uint32Array(count)),
    ...(metadata && { metadata: Array.from(indices, (index) => metadata[index]) }),
  }
}

/** The same entries with other lines; `undefined` keeps a line as it is. The arena is copied once if anything changes. */
export function replaceLines(batch: LogsBatch, lines: readonly (Uint8Array | undefined)[]): LogsBatch {
  let extra = 0
  for (const line of lines) extra += line?.length ?? 0
  if (lines.every((line) => line === undefined)) return batch
  const arena = new Uint8Array(batch.arena.length + extra)
  arena.set(batch.arena)
  const starts = batch.starts.slice()
  const ends = batch.ends.slice()
  let at = batch.arena.length
  for (let i = 0; i < batch.count; i++) {
    const line = lines[i]
    if (line === undefined) continue
    arena.set(line, at)
    starts[i] = at
    at += line.length
    ends[i] = at
  }
  return { ...batch, arena, starts, ends }
}

/**
 * The same entries with each line's text put through `change`. Lines that come back equal keep their bytes, and a batch
 * in which nothing changes is returned as it is.
 *
 * @example
 * ```ts
 * const masked = mapText(batch, env.text, (line) => line.replace(/\d{16}/g, '****'))
 * ```
 */
export function mapText(batch: LogsBatch, text: LineText, change: (line: string, index: number) => string): LogsBatch {
  const changed: number[] = []
  const lines: string[] = []
  const texts = decodeLines(batch, text)
  for (let index = 0; index < texts.length; index++) {
    const after = change(texts[index]!, index)
    if (after === texts[index]) continue
    changed.push(index)
    lines.push(after)
  }
  if (changed.length === 0) return batch
  const encoded = encodeLines(lines, text)
  // Lines that nobody refers to any more are left behind.
  const kept = changed.length === batch.count ? 0 : batch.arena.length
  let { arena } = encoded
  if (kept > 0) {
    arena = new Uint8Array(kept + encoded.arena.length)
    arena.set(batch.arena)
    arena.set(encoded.arena, kept)
  }
  const starts = batch.starts.slice()
  const ends = batch.ends.slice()
  for (const [at, index] of changed.entries()) {
    starts[index] = kept + encoded.starts[at]!
    ends[index] = kept + encoded.ends[at]!
  }
  return { ...batch, arena, starts, ends }
}
