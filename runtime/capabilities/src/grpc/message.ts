/**
 * Length-prefixed messages of gRPC over HTTP/2: a flag (1: compressed), the length (4 bytes, big-endian), the message.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
import snappy from 'snappy'
import { snappyFrame, snappyUnframe } from './snappy-frames.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'snappy'
export const acceptEncoding = 'identity,gzip,zstd,snappy'
const prefixBytes = 5

/** Below this a message is compressed at once: the way to the thread pool and back costs more. */
const synchronousBytesMax = 8 * 1024
const gzipOptions = { level: 1 }
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const gzipLater = promisify(gzip)
const gunzipLater = promisify(gunzip)
const zstdLater = promisify(zstdCompress)
const unzstdLater = promisify(zstdDecompress)

export class MessageError extends Error {
  readonly reason: 'too_large' | 'malformed' | 'unsupported'
  constructor(reason: MessageError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** Prefix and message, to be written one after the other. */
export async function frameMessage(message: Uint8Array, compression: Compression): Promise<[Uint8Array, Uint8Array]> {
  const body = compression === 'none' ? message : await compress(message, compression)
  const prefix = Buffer.allocUnsafe(prefixBytes)
  prefix[0] = compression === 'none' ? 0 : 1
  prefix.writeUInt32BE(body.length, 1)
  return [prefix, body]
}

/** The compression that a `grpc-encoding` names. @throws MessageError for one that is unknown. */
export function compressionOf(encoding: string | undefined): Compression {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return 'none'
  if (encoding === 'gzip' || encoding === 'zstd' || encoding === 'snappy') return encoding
  throw new MessageError('unsupported', `the compression "${encoding}" is unknown`)
}

/** Collects the one message of a unary stream, and refuses it as soon as it is known to be too large. */
export class MessageCollector {
  readonly #bytesMax: number
  #pieces: Uint8Array[] = []
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** @throws MessageError */
  push(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes > this.#bytesMax + prefixBytes) throw this.#tooLarge()
  }

  get empty(): boolean {
    return this.#bytes === 0
  }

  /** The message, decompressed. @throws MessageError */
  async message(compression: Compression): Promise<Uint8Array> {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#bytes)
    this.#pieces = []
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length < prefixBytes) throw new MessageError('malformed', 'the message has no whole prefix')
    const length = view.getUint32(1)
    if (length > this.#bytesMax) throw this.#tooLarge()
    if (bytes.length !== prefixBytes + length)
      throw new MessageError('malformed', 'the stream does not hold exactly one message')
    const body = bytes.subarray(prefixBytes)
    if (bytes[0] === 0) return body
    if (bytes[0] !== 1 || compression === 'none')
      throw new MessageError('malformed', 'the message is compressed but names no compression')
    return decompress(body, compression, this.#bytesMax)
  }

  #tooLarge(): MessageError {
    return new MessageError('too_large', `the message has more than ${this.#bytesMax} bytes`)
  }
}

async function compress(message: Uint8Array, compression: Exclude<Compression, 'none'>): Promise<Uint8Array> {
  if (compression === 'snappy') return snappyFrame(message, (data) => snappy.compressSync(data))
  const later = message.length > synchronousBytesMax
  if (compression === 'gzip') return later ? gzipLater(message, gzipOptions) : gzipSync(message, gzipOptions)
  return later ? zstdLater(message, zstdOptions) : zstdCompressSync(message, zstdOptions)
}

async function decompress(
  body: Uint8Array,
  compression: Exclude<Compression, 'none'>,
  bytesMax: number,
): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(1, bytesMax) }
  const later = body.length > synchronousBytesMax
  try {
    if (compression === 'gzip') return later ? await gunzipLater(body, options) : gunzipSync(body, options)
    if (compression === 'zstd') return later ? await unzstdLater(body, options) : zstdDecompressSync(body, options)
    return snappyUnframe(body, bytesMax, (data) => snappy.uncompressSync(data, { asBuffer: true }) as Buffer)
  } catch (error) {
    if (error instanceof MessageError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new MessageError('too_large', `the message has more than ${bytesMax} bytes`)
    throw new MessageError('malformed', `the message cannot be decompressed: ${(error as Error).message}`)
  }
}
