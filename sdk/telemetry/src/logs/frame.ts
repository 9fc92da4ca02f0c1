import { Labels } from '../labels.ts'
import type { LogsBatch } from './batch.ts'
import { decodeUtf8, encodeUtf8 } from '../utf8/utf8.ts'

/*
 * Layout, in the host's byte order (frames do not leave the host):
 *   u32 magic, count, streams, metadata entries, label bytes, arena bytes
 *   f64 seconds[count]
 *   u32 nanos[count], starts[count], ends[count], streamIds[count]
 *   label sets: those of the streams, then per metadata entry a u32 index and a set
 *   arena
 * A label set is a u32 number of pairs, then per pair a u32 length and the bytes of the name, and the same of the value.
 */
const magic = 0x31_46_4c_49
const headerBytes = 24
const columnBytes = 8 + 4 * 4
/** Bounds of what decode accepts: far above any real batch, far below what would hurt. */
const linesMax = 1 << 24
const pairsMax = 4096

/** A self-contained copy of a batch: only the lines that it refers to, and its labels. For threads, processes and disk. */
export function encodeLogsFrame(batch: LogsBatch): Uint8Array {
  return encode(batch, false)[0]!
}

/** The same in one part or two: where lines lie close to each other, the second is their arena itself, not a copy. */
export function encodeLogsFrameParts(batch: LogsBatch): Uint8Array[] {
  return encode(batch, true)
}

function encode(batch: LogsBatch, inParts: boolean): Uint8Array[] {
  const { count, arena, starts, ends } = batch
  const [from, to] = usedRange(batch)
  // Lines that are a small part of their arena are gathered; otherwise one copy of the whole range is cheaper.
  let lines = 0
  for (let i = 0; i < count; i++) lines += ends[i]! - starts[i]!
  const gather = to - from > lines + 2 * count + 4096
  const arenaBytes = gather ? lines : to - from
  const metadata = metadataEntries(batch)
  const sets = batch.streams.map(encodedLabels)
  const metadataSets = metadata.map(([, labels]) => encodedLabels(labels))
  const labelBytes = sumOfLengths(sets) + sumOfLengths(metadataSets) + 4 * metadata.length
  const apart = inParts && !gather && arenaBytes > 0
  const frame = new Uint8Array(headerBytes + count * columnBytes + labelBytes + (apart ? 0 : arenaBytes))
  const header = new Uint32Array(frame.buffer, 0, 6)
  header.set([magic, count, batch.streams.length, metadata.length, labelBytes, arenaBytes])
  const columns = columnsAt(frame, count)
  columns.seconds.set(batch.seconds)
  columns.nanos.set(batch.nanos)
  columns.streamIds.set(batch.streamIds)
  let at = headerBytes + count * columnBytes
  for (const set of sets) at = writeBytes(frame, at, set)
  metadataSets.forEach((set, i) => {
    at = writeBytes(frame, writeU32(frame, at, metadata[i]![0]), set)
  })
  if (gather) {
    gatherLines(batch, frame, at, columns)
    return [frame]
  }
  for (let i = 0; i < count; i++) {
    columns.starts[i] = starts[i]! - from
    columns.ends[i] = ends[i]! - from
  }
  const lineBytes = arena.subarray(from, to)
  if (apart) return [frame, lineBytes]
  frame.set(lineBytes, at)
  return [frame]
}

function gatherLines(
  { count, arena, starts, ends }: LogsBatch,
  frame: Uint8Array,
  base: number,
  columns: Columns,
): void {
  let at = base
  for (let i = 0; i < count; i++) {
    frame.set(arena.subarray(starts[i], ends[i]), at)
    columns.starts[i] = at - base
    at += ends[i]! - starts[i]!
    columns.ends[i] = at - base
  }
}

/**
 * The batch of a frame, checked through and through: nothing in it points outside of it. Its columns and arena are views
 * of `bytes` (copied first when not aligned), which must not change afterwards.
 * @throws when the frame is malformed.
 */
export function decodeLogsFrame(bytes: Uint8Array): LogsBatch {
  const frame = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  if (frame.length < headerBytes) fail('it is shorter than its header')
  const [found, count, streamCount, metadataCount, labelBytes, arenaBytes] = new Uint32Array(
    frame.buffer,
    frame.byteOffset,
    6,
  )
  if (found !== magic) fail('it does not begin as one')
  if (count! > linesMax) fail(`it has ${count} lines, and at most ${linesMax} are allowed`)
  const labelsStart = headerBytes + count! * columnBytes
  if (labelsStart + labelBytes! + arenaBytes! !== frame.length) fail('its length differs from what its header says')
  const cursor = { frame, at: labelsStart, end: labelsStart + labelBytes! }
  const streams: Labels[] = []
  for (let i = 0; i < streamCount!; i++) streams.push(readLabels(cursor))
  const metadata = readMetadata(cursor, metadataCount!, count!)
  if (cursor.at !== cursor.end) fail('bytes are left after its labels')
  const batch = {
    type: 'loki.logs',
    count: count!,
    arena: frame.subarray(cursor.end),
    streams,
    ...columnsAt(frame, count!),
  } as const
  checkColumns(batch)
  return metadata ? { ...batch, metadata } : batch
}

function checkColumns(batch: LogsBatch): void {
  const { count, arena, starts, ends, streamIds, streams, seconds, nanos } = batch
  for (let i = 0; i < count; i++) {
    if (starts[i]! > ends[i]! || ends[i]! > arena.length) fail(`line ${i} is outside of its arena`)
    if (streamIds[i]! >= streams.length) fail(`line ${i} is of stream ${streamIds[i]}, and there are ${streams.length}`)
    if (!Number.isSafeInteger(seconds[i]!) || nanos[i]! > 999_999_999) fail(`the time of line ${i} is none`)
  }
}

type Columns = ReturnType<typeof columnsAt>

function columnsAt(frame: Uint8Array, count: number) {
  const { buffer, byteOffset } = frame as Uint8Array<ArrayBuffer>
  const seconds = new Float64Array(buffer, byteOffset + headerBytes, count)
  const column = (index: number) => new Uint32Array(buffer, byteOffset + headerBytes + count * (8 + 4 * index), count)
  return { seconds, nanos: column(0), starts: column(1), ends: column(2), streamIds: column(3) }
}

function usedRange(batch: LogsBatch): [from: number, to: number] {
  if (batch.count === 0) return [0, 0]
  let from = batch.arena.length
  let to = 0
  for (let i = 0; i < batch.count; i++) {
    if (batch.starts[i]! < from) from = batch.starts[i]!
    if (batch.ends[i]! > to) to = batch.ends[i]!
  }
  return [from, to]
}

function metadataEntries(batch: LogsBatch): [index: number, labels: Labels][] {
  const entries: [number, Labels][] = []
  batch.metadata?.forEach((labels, index) => {
    if (labels) entries.push([index, labels])
  })
  return entries
}

/** Label sets are few and long-lived: each is encoded once. */
const encoded = new WeakMap<Labels, Uint8Array>()

function encodedLabels(labels: Labels): Uint8Array {
  const known = encoded.get(labels)
  if (known) return known
  const texts: Uint8Array[] = []
  for (let i = 0; i < labels.size; i++) texts.push(encodeUtf8(labels.names[i]!), encodeUtf8(labels.values[i]!))
  const bytes = new Uint8Array(4 + 4 * texts.length + sumOfLengths(texts))
  let at = writeU32(bytes, 0, labels.size)
  for (const text of texts) at = writeBytes(bytes, writeU32(bytes, at, text.length), text)
  encoded.set(labels, bytes)
  return bytes
}

function sumOfLengths(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

function writeBytes(frame: Uint8Array, at: number, bytes: Uint8Array): number {
  frame.set(bytes, at)
  return at + bytes.length
}

function writeU32(frame: Uint8Array, at: number, value: number): number {
  frame[at] = value
  frame[at + 1] = value >>> 8
  frame[at + 2] = value >>> 16
  frame[at + 3] = value >>> 24
  return at + 4
}

interface Cursor {
  readonly frame: Uint8Array
  at: number
  readonly end: number
}

function readMetadata(cursor: Cursor, entries: number, count: number): (Labels | undefined)[] | undefined {
  if (entries === 0) return undefined
  if (entries > count) fail(`it has metadata of ${entries} lines, and ${count} lines`)
  const metadata: (Labels | undefined)[] = Array.from({ length: count })
  for (let i = 0; i < entries; i++) {
    const index = readU32(cursor)
    if (index >= count) fail(`it has metadata of line ${index}, and ${count} lines`)
    metadata[index] = readLabels(cursor)
  }
  return metadata
}

function readLabels(cursor: Cursor): Labels {
  const pairs = readU32(cursor)
  if (pairs > pairsMax) fail(`a label set has ${pairs} labels, and at most ${pairsMax} are allowed`)
  const names: string[] = []
  const values: string[] = []
  for (let i = 0; i < pairs; i++) {
    const name = readText(cursor)
    if (i > 0 && names[i - 1]! >= name) fail('the labels of a set are not sorted, or not unique')
    names.push(name)
    values.push(readText(cursor))
  }
  return new Labels(names, values)
}

function readText(cursor: Cursor): string {
  const length = readU32(cursor)
  const start = cursor.at
  if (start + length > cursor.end) fail('a label ends outside of it')
  cursor.at = start + length
  return decodeUtf8(cursor.frame, start, cursor.at)
}

function readU32(cursor: Cursor): number {
  const { frame, at } = cursor
  if (at + 4 > cursor.end) fail('its labels end too early')
  cursor.at = at + 4
  return (frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16) | (frame[at + 3]! << 24)) >>> 0
}

function fail(why: string): never {
  throw new Error(`Cannot read a frame of log entries: ${why}`)
}
