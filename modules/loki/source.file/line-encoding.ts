import type { LogsBatchBuilder } from '@ingot/telemetry'

/** Time of the first of some lines; each further one is a nanosecond later. */
export interface FirstTime {
  readonly seconds: number
  readonly nanos: number
}

/** How lines are found in the bytes of a file, and how they become UTF-8. Newlines are found in bytes, before any decoding. */
export interface LineEncoding {
  /** Bytes of one newline, and what positions of lines are multiples of. */
  readonly unitBytes: 1 | 2
  /** Index of the first newline at or after `from`, or −1. */
  newline(bytes: Uint8Array, from: number, to: number): number
  /** Adds the line `start … end` to the builder, which has adopted `bytes`; a carriage return at its end is left out. */
  append(
    builder: LogsBatchBuilder,
    bytes: Uint8Array,
    start: number,
    end: number,
    stream: number,
    seconds: number,
    nanos: number,
  ): void
}

/** Adds all lines of the first `to` bytes to the builder, which has adopted `bytes`. */
export function appendLines(
  encoding: LineEncoding,
  builder: LogsBatchBuilder,
  bytes: Uint8Array,
  to: number,
  stream: number,
  first: FirstTime,
): void {
  if (encoding === utf8) return builder.appendLines(stream, 0, to, first.seconds, first.nanos)
  let { seconds, nanos } = first
  for (let start = 0; start < to;) {
    const found = encoding.newline(bytes, start, to)
    const stop = found < 0 ? to : found
    encoding.append(builder, bytes, start, stop, stream, seconds, nanos)
    start = found < 0 ? to : stop + encoding.unitBytes
    if (++nanos === 1e9) {
      nanos = 0
      seconds++
    }
  }
}

export const encodingNames = [
  '',
  'utf-8',
  'utf8',
  'us-ascii',
  'iso-8859-1',
  'latin1',
  'utf-16',
  'utf-16le',
  'utf-16be',
] as const
export type EncodingName = (typeof encodingNames)[number]

/** @param head the file's first bytes, where a byte-order mark may stand */
export function lineEncoding(name: EncodingName, head: Uint8Array): LineEncoding {
  if (name === 'utf-16le') return utf16(true)
  if (name === 'utf-16be') return utf16(false)
  // Without a mark, UTF-16 is big-endian (RFC 2781 section 4.3).
  if (name === 'utf-16') return utf16(head[0] === 0xff && head[1] === 0xfe)
  return name === 'iso-8859-1' || name === 'latin1' ? latin1 : utf8
}

const utf8: LineEncoding = {
  unitBytes: 1,
  newline(bytes, from, to) {
    const at = bytes.indexOf(10, from)
    return at < to ? at : -1
  },
  append(builder, bytes, start, end, stream, seconds, nanos) {
    builder.appendSpan(stream, start, end > start && bytes[end - 1] === 13 ? end - 1 : end, seconds, nanos)
  },
}

const latin1: LineEncoding = {
  unitBytes: 1,
  newline: (bytes, from, to) => utf8.newline(bytes, from, to),
  append(builder, bytes, start, end, stream, seconds, nanos) {
    const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end
    const line = new Uint8Array(2 * (stop - start))
    let at = 0
    for (let i = start; i < stop; i++) {
      const code = bytes[i]!
      if (code >= 0x80) line[at++] = 0xc0 | (code >> 6)
      line[at++] = code < 0x80 ? code : 0x80 | (code & 0x3f)
    }
    builder.append(stream, line, 0, at, seconds, nanos)
  },
}

function utf16(littleEndian: boolean): LineEncoding {
  const low = littleEndian ? 0 : 1
  const unit = (bytes: Uint8Array, at: number) => bytes[at + low]! | (bytes[at + 1 - low]! << 8)
  return {
    unitBytes: 2,
    newline(bytes, from, to) {
      for (let at = from; at + 1 < to; at += 2) if (unit(bytes, at) === 10) return at
      return -1
    },
    append(builder, bytes, start, end, stream, seconds, nanos) {
      let stop = end - ((end - start) % 2)
      if (stop > start && unit(bytes, stop - 2) === 13) stop -= 2
      const line = new Uint8Array(Math.ceil((stop - start) / 2) * 3)
      let at = 0
      for (let i = start; i < stop; i += 2) {
        let code = unit(bytes, i)
        if (code === 0xfeff && i === start) continue
        const pair = code >= 0xd800 && code < 0xdc00 && i + 2 < stop ? unit(bytes, i + 2) : 0
        if (pair >= 0xdc00 && pair < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (pair - 0xdc00)
          i += 2
        } else if (code >= 0xd800 && code < 0xe000) code = 0xfffd
        at = writeCodePoint(line, at, code)
      }
      builder.append(stream, line, 0, at, seconds, nanos)
    },
  }
}

function writeCodePoint(into: Uint8Array, start: number, code: number): number {
  let at = start
  if (code < 0x80) {
    into[at++] = code
    return at
  }
  if (code < 0x800) into[at++] = 0xc0 | (code >> 6)
  else {
    if (code < 0x10000) into[at++] = 0xe0 | (code >> 12)
    else {
      into[at++] = 0xf0 | (code >> 18)
      into[at++] = 0x80 | ((code >> 12) & 0x3f)
    }
    into[at++] = 0x80 | ((code >> 6) & 0x3f)
  }
  into[at++] = 0x80 | (code & 0x3f)
  return at
}
