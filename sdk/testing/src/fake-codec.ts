import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { CapabilityError, type Codec } from '@ingot/sdk'
import snappy from 'snappy'

/** The real formats, without the way through other threads: what awaits it goes on in the same turn. */
export const fakeCodec: Codec = {
  gzip: async (data) => gzipSync(data, { level: 1 }),
  gunzip: async (data, bytesMax) => bounded(() => gunzipSync(data, { maxOutputLength: bytesMax }), bytesMax),
  zstd: async (data) => zstdCompressSync(data),
  unzstd: async (data, bytesMax) => bounded(() => zstdDecompressSync(data, { maxOutputLength: bytesMax }), bytesMax),
  snappy: (data) => snappy.compressSync(Buffer.from(data)),
  unsnappy: (data, bytesMax) =>
    bounded(() => snappy.uncompressSync(Buffer.from(data), { asBuffer: true }) as Buffer, bytesMax),
}

function bounded(decompress: () => Buffer, bytesMax: number): Buffer {
  let bytes: Buffer
  try {
    bytes = decompress()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CapabilityError(
      code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'invalid',
      `Cannot decompress: ${message}`,
      { cause: error },
    )
  }
  if (bytes.length > bytesMax)
    throw new CapabilityError('too_large', `Cannot decompress: ${bytes.length} bytes, at most ${bytesMax} wanted`)
  return bytes
}
