import type { Labels } from '../labels.ts'
import type { LogsBatch } from './batch.ts'
import { encodeUtf8 } from '../utf8/utf8.ts'

/** Entries `from … to` (the end excluded) of a batch. */
export interface LogsPart {
  readonly batch: LogsBatch
  readonly from: number
  readonly to: number
}

/** Label sets that are remembered with their text; beyond it the memory starts anew. */
const streamsMax = 65_536

interface Stream {
  readonly text: string
  readonly labels: Uint8Array
  /** Bytes of the stream's entries in the request being made, and where the next one goes. */
  bytes: number
  at: number
}

/**
 * Makes Loki push requests: `logproto.PushRequest` in protobuf (not compressed), one stream per label text, entries in
 * the order of the parts. Two passes over the columns, no object per entry; buffers and label texts are kept.
 */
export class LokiPushEncoder {
  readonly #labelText: (labels: Labels) => string
  #byLabels = new WeakMap<Labels, Stream>()
  #byText = new Map<string, Stream>()
  #buffer = new Uint8Array(1 << 16)

  /** @param labelText the `{a="b"}` text of a label set; equal texts are one stream. It is asked once per set. */
  constructor(labelText: (labels: Labels) => string) {
    this.#labelText = labelText
  }

  /** The label text that the encoder uses for a label set. */
  textOf(labels: Labels): string {
    return this.#streamOf(labels).text
  }

  /** The encoded request: a view of memory that the next call uses again. */
  encode(parts: readonly LogsPart[]): Uint8Array {
    const order: Stream[] = []
    for (const part of parts) this.#measure(part, order)
    let total = 0
    for (const stream of order) {
      const inner = 1 + varintLength(stream.labels.length) + stream.labels.length + stream.bytes
      total += 1 + varintLength(inner) + inner
    }
    let scratch = 0
    for (const { batch, from, to } of parts) scratch = Math.max(scratch, arenaSpan(batch, from, to))
    if (this.#buffer.length < total + scratch) this.#buffer = new Uint8Array(Math.ceil((total + scratch) * 1.25))
    let at = 0
    for (const stream of order) at = this.#writeHead(stream, at)
    for (const part of parts) this.#writeEntries(part, total)
    for (const stream of order) stream.bytes = 0
    return this.#buffer.subarray(0, total)
  }

  #streamOf(labels: Labels): Stream {
    const known = this.#byLabels.get(labels)
    if (known) return known
    const text = this.#labelText(labels)
    let stream = this.#byText.get(text)
    if (!stream) {
      stream = { text, labels: encodeUtf8(text), bytes: 0, at: 0 }
      this.#byText.set(text, stream)
    }
    this.#byLabels.set(labels, stream)
    return stream
  }

  #measure(part: LogsPart, order: Stream[]): void {
    if (this.#byText.size > streamsMax && order.length === 0) {
      this.#byText = new Map()
      this.#byLabels = new WeakMap()
    }
    const { batch, from, to } = part
    const streams = batch.streams.map((labels) => this.#streamOf(labels))
    const { starts, ends, streamIds, seconds, nanos, metadata } = batch
    for (let i = from; i < to; i++) {
      const stream = streams[streamIds[i]!]!
      if (stream.bytes === 0) order.push(stream)
      const size = entryLength(seconds[i]!, nanos[i]!, ends[i]! - starts[i]!, metadata?.[i])
      stream.bytes += 1 + varintLength(size) + size
    }
  }

  #writeHead(stream: Stream, start: number): number {
    const buffer = this.#buffer
    const { labels } = stream
    const inner = 1 + varintLength(labels.length) + labels.length + stream.bytes
    buffer[start] = 0x0a
    let at = writeVarint(buffer, start + 1, inner)
    buffer[at] = 0x0a
    at = writeVarint(buffer, at + 1, labels.length)
    buffer.set(labels, at)
    stream.at = at + labels.length
    return stream.at + stream.bytes
  }

  #writeEntries(part: LogsPart, scratch: number): void {
    const { batch, from, to } = part
    const { arena, starts, ends, streamIds, seconds, nanos, metadata } = batch
    const buffer = this.#buffer
    const streams = batch.streams.map((labels) => this.#streamOf(labels))
    // The lines come into this buffer with one copy: moving bytes within an array needs no view object per line.
    const low = lowest(batch, from, to)
    buffer.set(arena.subarray(low, low + arenaSpan(batch, from, to)), scratch)
    const shift = scratch - low
    for (let i = from; i < to; i++) {
      const stream = streams[streamIds[i]!]!
      const start = starts[i]!
      const length = ends[i]! - start
      let at = stream.at
      buffer[at] = 0x12
      at = writeVarint(buffer, at + 1, entryLength(seconds[i]!, nanos[i]!, length, metadata?.[i]))
      at = writeTimestamp(buffer, at, seconds[i]!, nanos[i]!)
      if (length > 0) {
        buffer[at] = 0x12
        at = writeVarint(buffer, at + 1, length)
        buffer.copyWithin(at, start + shift, start + shift + length)
        at += length
      }
      const pairs = metadata?.[i]
      if (pairs) {
        const bytes = metadataBytes(pairs)
        buffer.set(bytes, at)
        at += bytes.length
      }
      stream.at = at
    }
  }
}

function lowest(batch: LogsBatch, from: number, to: number): number {
  let low = batch.arena.length
  for (let i = from; i < to; i++) if (batch.starts[i]! < low) low = batch.starts[i]!
  return low
}

/** Bytes of the arena between the first and the last byte that the entries refer to. */
function arenaSpan(batch: LogsBatch, from: number, to: number): number {
  let high = 0
  for (let i = from; i < to; i++) if (batch.ends[i]! > high) high = batch.ends[i]!
  return Math.max(0, high - lowest(batch, from, to))
}

function entryLength(seconds: number, nanos: number, line: number, metadata: Labels | undefined): number {
  const time = timestampLength(seconds, nanos)
  const base = 2 + time + (line === 0 ? 0 : 1 + varintLength(line) + line)
  return metadata ? base + metadataBytes(metadata).length : base
}

function timestampLength(seconds: number, nanos: number): number {
  return (seconds === 0 ? 0 : 1 + int64Length(seconds)) + (nanos === 0 ? 0 : 1 + varintLength(nanos))
}

function writeTimestamp(buffer: Uint8Array, start: number, seconds: number, nanos: number): number {
  buffer[start] = 0x0a
  buffer[start + 1] = timestampLength(seconds, nanos)
  let at = start + 2
  if (seconds !== 0) {
    buffer[at] = 0x08
    at = writeInt64(buffer, at + 1, seconds)
  }
  if (nanos !== 0) {
    buffer[at] = 0x10
    at = writeVarint(buffer, at + 1, nanos)
  }
  return at
}

/** Entries that share their metadata share its encoding, and each is needed twice: for its length and for its bytes. */
const encodedMetadata = new WeakMap<Labels, Uint8Array>()

/** The `structuredMetadata` fields of an entry. */
function metadataBytes(pairs: Labels): Uint8Array {
  const known = encodedMetadata.get(pairs)
  if (known) return known
  const texts = pairs.names.map((name, i) => [encodeUtf8(name), encodeUtf8(pairs.values[i]!)] as const)
  let length = 0
  for (const [name, value] of texts) {
    const size = pairLength(name, value)
    length += 1 + varintLength(size) + size
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const [name, value] of texts) {
    bytes[at] = 0x1a
    at = writeVarint(bytes, at + 1, pairLength(name, value))
    at = writeField(bytes, at, 0x0a, name)
    at = writeField(bytes, at, 0x12, value)
  }
  encodedMetadata.set(pairs, bytes)
  return bytes
}

function pairLength(name: Uint8Array, value: Uint8Array): number {
  return 2 + varintLength(name.length) + name.length + varintLength(value.length) + value.length
}

function writeField(buffer: Uint8Array, start: number, tag: number, bytes: Uint8Array): number {
  buffer[start] = tag
  const at = writeVarint(buffer, start + 1, bytes.length)
  buffer.set(bytes, at)
  return at + bytes.length
}

function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

/** Unsigned, below 2^32. */
function writeVarint(buffer: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    buffer[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  buffer[at] = value
  return at + 1
}

/** Seconds of today fit five bytes; a time before 1970 is two's complement in ten. */
function int64Length(value: number): number {
  if (value < 0) return 10
  if (value < 2 ** 32) return varintLength(value)
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

function writeInt64(buffer: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 2 ** 32) return writeVarint(buffer, at, value)
  if (value < 0) {
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest < 0x80n) {
        buffer[at] = Number(rest)
        return at + 1
      }
      buffer[at++] = Number(rest & 0x7fn) | 0x80
    }
  }
  let rest = value
  while (rest >= 0x80) {
    buffer[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  buffer[at] = rest
  return at + 1
}
