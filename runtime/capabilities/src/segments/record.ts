/**
 * Records on disk: marker (4 bytes), CRC-32 (4), length of the payload (4), payload. All numbers are little-endian. The
 * checksum covers the length and the payload and starts from the record's position in its file, so that bytes of a
 * record that lie inside another one's payload are never taken for a record.
 */
import { crc32 } from 'node:zlib'

export const recordHeaderBytes = 12
/** Larger payloads are refused: a damaged length must not be believed. */
export const payloadBytesMax = 64 * 2 ** 20

const marker = Buffer.from([0x9e, 0x69, 0x47, 0xd7])

/** Writes the header of a record whose payload is the concatenation of `parts`. */
export function recordHeader(parts: readonly Uint8Array[], position: number): Buffer {
  const header = Buffer.allocUnsafe(recordHeaderBytes)
  let length = 0
  for (const part of parts) length += part.length
  if (length > payloadBytesMax)
    throw new RangeError(`Cannot write a record of ${length} bytes: at most ${payloadBytesMax} wanted`)
  marker.copy(header, 0)
  header.writeUInt32LE(length, 8)
  let sum = crc32(header.subarray(8, 12), position >>> 0)
  for (const part of parts) sum = crc32(part, sum)
  header.writeUInt32LE(sum, 4)
  return header
}

/** A stretch of a file, end excluded. */
export interface Stretch {
  readonly start: number
  readonly end: number
}
export interface ScanResult {
  /** Payloads of the good records, in order. */
  readonly payloads: readonly Stretch[]
  /** Where the last good record ends: what follows is to be cut off before anything is appended. */
  readonly goodEnd: number
  /** Bytes between good records, and after the last, that are none. */
  readonly unreadable: readonly Stretch[]
}

/**
 * Finds the good records of a file's bytes. After a damaged record it goes on at the next marker that begins a good one.
 * `start` is where the first record is expected: 0, or behind a header of the file.
 */
export function scanRecords(bytes: Buffer, start = 0): ScanResult {
  const payloads: Stretch[] = []
  const unreadable: Stretch[] = []
  let at = Math.min(start, bytes.length)
  let goodEnd = at
  while (at < bytes.length) {
    const end = goodRecordEnd(bytes, at)
    if (end > 0) {
      if (at > goodEnd) unreadable.push({ start: goodEnd, end: at })
      payloads.push({ start: at + recordHeaderBytes, end })
      at = end
      goodEnd = end
    } else {
      const next = bytes.indexOf(marker, at + 1)
      at = next < 0 ? bytes.length : next
    }
  }
  if (goodEnd < bytes.length) unreadable.push({ start: goodEnd, end: bytes.length })
  return { payloads, goodEnd, unreadable }
}

/** End of the good record at `at`, or 0 when there is none. */
function goodRecordEnd(bytes: Buffer, at: number): number {
  if (at + recordHeaderBytes > bytes.length || bytes.compare(marker, 0, 4, at, at + 4) !== 0) return 0
  const length = bytes.readUInt32LE(at + 8)
  const end = at + recordHeaderBytes + length
  if (length > payloadBytesMax || end > bytes.length) return 0
  return crc32(bytes.subarray(at + 8, end), at >>> 0) === bytes.readUInt32LE(at + 4) ? end : 0
}
