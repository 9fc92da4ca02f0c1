/**
 * The framing format of snappy, which gRPC messages of the encoding `snappy` have inside.
 * https://github.com/google/snappy/blob/main/framing_format.txt
 */
import { crc32c } from './crc32c.ts'

/** Uncompressed bytes of one chunk, as the format bounds it. */
const chunkBytesMax = 65_536
const streamIdentifier = Buffer.from([0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])
const compressedChunk = 0x00
const plainChunk = 0x01

export function snappyFrame(data: Uint8Array, compress: (chunk: Buffer) => Uint8Array): Buffer {
  const source = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const parts: Uint8Array[] = [streamIdentifier]
  for (let at = 0; at < source.length; at += chunkBytesMax) {
    const chunk = source.subarray(at, at + chunkBytesMax)
    const compressed = compress(chunk)
    const smaller = compressed.length < chunk.length
    const body = smaller ? compressed : chunk
    const header = Buffer.allocUnsafe(8)
    header[0] = smaller ? compressedChunk : plainChunk
    header.writeUIntLE(body.length + 4, 1, 3)
    header.writeUInt32LE(maskedChecksum(chunk), 4)
    parts.push(header, Buffer.from(body))
  }
  return Buffer.concat(parts)
}

/** @throws when the frames are malformed, fail their checksums, or hold more than `bytesMax` bytes (a RangeError). */
export function snappyUnframe(data: Uint8Array, bytesMax: number, uncompress: (chunk: Buffer) => Buffer): Buffer {
  const source = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const parts: Buffer[] = []
  let bytes = 0
  for (let at = 0; at < source.length;) {
    if (at + 4 > source.length) throw new Error('a snappy chunk has no whole header')
    const type = source[at]!
    const body = source.subarray(at + 4, at + 4 + source.readUIntLE(at + 1, 3))
    if (body.length !== source.readUIntLE(at + 1, 3)) throw new Error('a snappy chunk is cut off')
    at += 4 + body.length
    if (type === compressedChunk || type === plainChunk) {
      const part = type === plainChunk ? body.subarray(4) : uncompress(checkedLength(body.subarray(4)))
      bytes += part.length
      if (bytes > bytesMax) throw new RangeError(`the snappy stream has more than ${bytesMax} bytes`)
      if (body.length < 4 || part.length > chunkBytesMax || maskedChecksum(part) !== body.readUInt32LE(0)) {
        throw new Error('a snappy chunk fails its checksum')
      }
      parts.push(part)
    } else if (type >= 0x02 && type <= 0x7f) throw new Error(`the snappy chunk type ${type} is reserved`)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes)
}

/** A chunk states its uncompressed length first (a varint): it is checked before the kernel allocates that much. */
function checkedLength(chunk: Buffer): Buffer {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = chunk[i] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) break
  }
  if (length > chunkBytesMax) throw new Error('a snappy chunk is longer than its format allows')
  return chunk
}

function maskedChecksum(data: Uint8Array): number {
  const sum = crc32c(data)
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}
