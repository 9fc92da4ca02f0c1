import { snappyCompress, snappyDecompress, snappyLength } from '@ingot/telemetry'

/** Compression that the runner does for its module: pure functions over bytes. The result is an error code, or bytes. */
export function runKernel(operation: string, bytes: ArrayBuffer, bytesMax: number): string | ArrayBuffer {
  const input = new Uint8Array(bytes)
  // Not imported: few modules compress, and every blank runner would hold it.
  const zlib = process.getBuiltinModule('node:zlib')
  try {
    switch (operation) {
      case 'gzip':
        return dedicated(zlib.gzipSync(input))
      case 'gunzip':
        return dedicated(zlib.gunzipSync(input, { maxOutputLength: bound(bytesMax) }))
      case 'zstd':
        return dedicated(zlib.zstdCompressSync(input))
      case 'unzstd':
        return dedicated(zlib.zstdDecompressSync(input, { maxOutputLength: bound(bytesMax) }))
      case 'snappy':
        return dedicated(snappyCompress(input))
      case 'unsnappy':
        if (snappyLength(input) > bound(bytesMax)) return 'too_large'
        return dedicated(snappyDecompress(input, bound(bytesMax)))
      default:
        return 'invalid'
    }
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'invalid'
  }
}

/** What a decompressor may make, whatever the module asks for. */
const outputBytesMax = 64 * 1024 * 1024

function bound(bytesMax: number): number {
  return Math.max(1, Math.min(bytesMax, outputBytesMax))
}

/** The memory itself where the bytes are alone in it, else a copy: what crosses into an isolate crosses whole. */
export function alone(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return whole ? (bytes.buffer as ArrayBuffer) : dedicated(bytes)
}

/** A copy that shares memory with nothing: the result of zlib may lie in a pool. */
function dedicated(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
