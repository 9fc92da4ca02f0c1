import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { ArchiveError } from './archive-error.ts'
import type { ArchiveLimits } from './archive-limits.ts'

/** ID1, ID2, deflate, no flags: the header that packing writes (RFC 1952 §2.3). Names and extra fields are refused. */
const header = [0x1f, 0x8b, 8, 0]
const headerBytes = 10
const trailerBytes = 8

/**
 * The content of exactly one gzip member, in chunks. A second member, bytes after the trailer, a wrong checksum or
 * length, and output beyond the bound are refused. The raw stream is inflated instead of the gzip one because zlib
 * silently reads further members and skips trailing zeros.
 */
export async function* gunzip(packed: Uint8Array, limits: ArchiveLimits): AsyncGenerator<Uint8Array> {
  if (packed.length > limits.packedBytesMax) {
    throw new ArchiveError(
      'too_large',
      `Cannot read the archive: found ${packed.length} bytes, want at most ${limits.packedBytesMax}`,
    )
  }
  if (packed.length < headerBytes + trailerBytes || header.some((byte, index) => packed[index] !== byte)) {
    throw new ArchiveError('archive_invalid', 'Cannot read the archive: want gzip with a plain header')
  }
  const body = packed.subarray(headerBytes)
  const inflate = createInflateRaw()
  inflate.end(body)
  let bytes = 0
  let checksum = 0
  for await (const chunk of chunksOf(inflate)) {
    bytes += chunk.length
    if (bytes > limits.unpackedBytesMax) {
      throw new ArchiveError(
        'too_large',
        `Cannot read the archive: it unpacks to more than ${limits.unpackedBytesMax} bytes`,
      )
    }
    checksum = crc32(chunk, checksum)
    yield chunk
  }
  checkTrailer(body.subarray(inflate.bytesWritten), checksum, bytes)
}

/** Leaving the loop early destroys the stream: nothing more is inflated. */
async function* chunksOf(inflate: InflateRaw): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array
  } catch (error) {
    throw new ArchiveError('archive_invalid', `Cannot inflate the archive: ${(error as Error).message}`)
  } finally {
    inflate.destroy()
  }
}

function checkTrailer(rest: Uint8Array, checksum: number, bytes: number): void {
  if (rest.length !== trailerBytes) {
    throw new ArchiveError(
      'archive_invalid',
      `Cannot read the archive: found ${rest.length} bytes after the data, want ${trailerBytes}`,
    )
  }
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
  if (view.getUint32(0, true) !== checksum || view.getUint32(4, true) !== bytes % 2 ** 32) {
    throw new ArchiveError('archive_invalid', 'Cannot read the archive: checksum or length differs from the content')
  }
}
