import type { ClientTls, OtelAuthHandler, SendResult } from '@ingot/kits'
import { isCapabilityError, type Env, type GrpcResponse, type HeaderValue, type TlsOptions } from '@ingot/sdk'
import { OtelFormatError, decodeExportResponse, exportMethods, type OtelBatch } from '@ingot/telemetry'

/** Bytes of an answer; its content is one number and one message. */
const answerBytesMax = 64 * 1024

/** Status codes after which the same request may succeed: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const retryableCodes = new Set([1, 4, 10, 11, 14, 15])
/** Retryable only when the server says when. */
const resourceExhausted = 8

export interface OtlpGrpcArguments {
  readonly endpoint: string
  readonly compression: 'gzip' | 'zstd' | 'snappy' | 'none' | ''
  readonly headers: Readonly<Record<string, string>>
  readonly auth?: OtelAuthHandler | undefined
  readonly tls: ClientTls
  readonly timeout: number
}

/** Sends batches as OTLP/gRPC calls and says how they were answered. */
export class OtlpGrpcSender {
  readonly #args: OtlpGrpcArguments
  readonly #env: Env<'http.request'>
  readonly #origin: string
  readonly #metadata: Readonly<Record<string, HeaderValue>>
  readonly #readTls: () => Promise<TlsOptions>
  #tls: Promise<TlsOptions> | undefined

  constructor(args: OtlpGrpcArguments, env: Env<'http.request'>, readTls: () => Promise<TlsOptions>) {
    const metadata = Object.entries<HeaderValue>({ ...args.headers, ...args.auth?.headers })
    this.#args = args
    this.#env = env
    this.#origin = originOf(args.endpoint, args.tls.insecure)
    this.#metadata = Object.fromEntries(metadata.map(([name, value]) => [name.toLowerCase(), value]))
    this.#readTls = readTls
  }

  async send(batch: OtelBatch, signal: AbortSignal): Promise<SendResult> {
    const { compression, timeout } = this.#args
    try {
      const tls = this.#origin.startsWith('https:') ? await this.#tlsOptions() : undefined
      const response = await this.#env.http.grpc({
        origin: this.#origin,
        path: exportMethods[batch.type],
        message: batch.bytes,
        metadata: this.#metadata,
        compression: compression === '' ? 'none' : compression,
        timeoutMs: timeout,
        messageBytesMax: answerBytesMax,
        signal,
        ...(tls ? { tls } : {}),
      })
      return resultOf(response)
    } catch (error) {
      if (!isCapabilityError(error)) throw error
      return { kind: 'retryable', message: error.message }
    }
  }

  #tlsOptions(): Promise<TlsOptions> {
    this.#tls ??= this.#readTls().catch((error: unknown) => {
      this.#tls = undefined
      throw error
    })
    return this.#tls
  }
}

function resultOf({ code, details, message, retryAfterMs }: GrpcResponse): SendResult {
  if (code === 0) return accepted(message)
  const text = `gRPC status ${code}${details === '' ? '' : `: ${details}`}`
  const recovers = code === resourceExhausted && retryAfterMs !== undefined
  if (!retryableCodes.has(code) && !recovers) return { kind: 'permanent', reason: `grpc_${code}`, message: text }
  return retryAfterMs === undefined
    ? { kind: 'retryable', message: text }
    : { kind: 'retryable', message: text, retryAfterMs }
}

function accepted(message: Uint8Array): SendResult {
  try {
    return { kind: 'accepted', ...decodeExportResponse(message) }
  } catch (error) {
    // The status says that the records were taken; an unreadable message takes nothing back.
    if (error instanceof OtelFormatError) return { kind: 'accepted', rejected: 0, message: '' }
    throw error
  }
}

/** Endpoints come as `host:port`, with the scheme of a URL, or with one of gRPC's name resolvers. */
function originOf(endpoint: string, insecure: boolean): string {
  const target = endpoint.replace(/^(?:dns|passthrough):\/\/[^/]*\//, '')
  return /^https?:\/\//.test(target) ? target.replace(/\/+$/, '') : `${insecure ? 'http' : 'https'}://${target}`
}
