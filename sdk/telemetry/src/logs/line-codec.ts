/**
 * Lines to texts and back, many at once. In an isolate the codec is a call to the host, which costs more than a line of it:
 * so all lines cross in one text, and are found in it again without decoding anything twice.
 */
import type { LogsBatch } from './batch.ts'
import type { LineText } from './lines.ts'

/** Bytes between lines that are decoded in vain, as a multiple of those of the lines, before each is decoded alone. */
const wasteMax = 1
/** Stands for what is not UTF-8: then texts say nothing about how long their bytes are. */
const replacement = '\ufffd'

/** The texts of all lines, in their order. */
export function decodeLines(batch: LogsBatch, text: LineText): string[] {
  return decodeTogether(batch, text) ?? Array.from({ length: batch.count }, (_, i) => text.decode(lineOf(batch, i)))
}

export interface EncodedLines {
  readonly arena: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/** The bytes of `lines`, with newlines between them: halves of a character never meet. */
export function encodeLines(lines: readonly string[], text: LineText): EncodedLines {
  const joined = lines.join('\n')
  const arena = text.encode(joined)
  const starts = new Uint32Array(lines.length)
  const ends = new Uint32Array(lines.length)
  const bytesOf = arena.length === joined.length ? (each: string) => each.length : utf8Length
  let at = 0
  for (const [i, each] of lines.entries()) {
    starts[i] = at
    ends[i] = at += bytesOf(each)
    at++
  }
  return { arena, starts, ends }
}

/** `undefined` when the lines lie too far apart, not in their order, or are not all UTF-8. */
function decodeTogether(batch: LogsBatch, text: LineText): string[] | undefined {
  const { arena, starts, ends, count } = batch
  if (count === 0) return []
  const from = starts[0]!
  const to = ends[count - 1]!
  let lineBytes = 0
  for (let i = 0, at = from; i < count; i++) {
    if (starts[i]! < at) return undefined
    at = ends[i]!
    lineBytes += at - starts[i]!
  }
  if (to - from - lineBytes - count > wasteMax * lineBytes) return undefined
  const all = text.decode(arena.subarray(from, to))
  if (all.length === to - from)
    return Array.from({ length: count }, (_, i) => all.slice(starts[i]! - from, ends[i]! - from))
  if (all.includes(replacement)) return undefined
  return decodedByUnits(batch, all, from)
}

/** Walks over the bytes to learn where lines are in the text: it is valid, so each character begins with how long it is. */
function decodedByUnits({ arena, starts, ends, count }: LogsBatch, all: string, from: number): string[] | undefined {
  let at = from
  let units = 0
  const unitsAt = (position: number): number => {
    for (; at < position; at++) {
      const byte = arena[at]!
      if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
    }
    return units
  }
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    // A line that begins or ends within a character is not UTF-8 by itself.
    if (splitsCharacter(arena, starts[i]!, ends[i]!)) return undefined
    const begin = unitsAt(starts[i]!)
    texts.push(all.slice(begin, unitsAt(ends[i]!)))
  }
  // A codec that leaves something out, such as a byte order mark.
  return units === all.length ? texts : undefined
}

function splitsCharacter(arena: Uint8Array, start: number, end: number): boolean {
  return isContinuation(arena[start]) || isContinuation(arena[end])
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length++
    else if (unit < 0x800) length += 2
    else if (unit < 0xd800 || unit > 0xdbff || !isLowSurrogate(text.charCodeAt(i + 1))) length += 3
    else {
      length += 4
      i++
    }
  }
  return length
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

function lineOf({ arena, starts, ends }: LogsBatch, index: number): Uint8Array {
  return arena.subarray(starts[index], ends[index])
}
