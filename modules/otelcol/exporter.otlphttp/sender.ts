import { retryAfterMs, type ClientTls, type OtelAuthHandler, type SendResult } from '@ingot/kits'
import { isCapabilityError, type Env, type HeaderValue, type HttpResponse, type TlsOptions } from '@ingot/sdk'
import {
  decodeExportResponse,
  decodeExportResponseJson,
  decodeRpcStatus,
  writeOtelJson,
  type OtelBatch,
  type OtelSignal,
} from '@ingot/telemetry'

/** Bytes of an answer; its content is one number and one message. */
const answerBytesMax = 64 * 1024
/** Characters of an error answer that are logged. */
const errorCharactersMax = 400

export interface OtlpHttpArguments {
  readonly client: {
    readonly endpoint: string
    readonly compression: 'gzip' | 'zstd' | 'snappy' | 'none' | ''
    readonly headers: Readonly<Record<string, string>>
    readonly timeout: number
    readonly auth?: OtelAuthHandler | undefined
    readonly proxy_url?: string | undefined
    readonly tls: ClientTls
  }
  readonly encoding: 'proto' | 'json'
  readonly metrics_endpoint?: string | undefined
  readonly logs_endpoint?: string | undefined
  readonly traces_endpoint?: string | undefined
}

/** Sends batches as OTLP/HTTP requests and says how they were answered. */
export class OtlpHttpSender {
  readonly #args: OtlpHttpArguments
  readonly #env: Env<'http.request' | 'clock'>
  readonly #urls: Readonly<Record<OtelSignal, string>>
  readonly #headers: Record<string, HeaderValue>
  readonly #readTls: () => Promise<TlsOptions>
  #tls: Promise<TlsOptions> | undefined

  constructor(args: OtlpHttpArguments, env: Env<'http.request' | 'clock'>, readTls: () => Promise<TlsOptions>) {
    const base = args.client.endpoint.replace(/\/+$/, '')
    this.#args = args
    this.#env = env
    this.#readTls = readTls
    this.#urls = {
      'otel.metrics': args.metrics_endpoint ?? `${base}/v1/metrics`,
      'otel.logs': args.logs_endpoint ?? `${base}/v1/logs`,
      'otel.traces': args.traces_endpoint ?? `${base}/v1/traces`,
    }
    this.#headers = {
      ...lowerCaseNames(args.client.headers),
      ...lowerCaseNames(args.client.auth?.headers ?? {}),
      'content-type': args.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    }
    const { compression } = args.client
    if (compression !== 'none' && compression !== '') this.#headers['content-encoding'] = compression
  }

  async send(batch: OtelBatch, signal: AbortSignal): Promise<SendResult> {
    const { client } = this.#args
    try {
      const url = this.#urls[batch.type]
      const tls = url.startsWith('https:') ? await this.#tlsOptions() : undefined
      const response = await this.#env.http.request({
        method: 'POST',
        url,
        headers: this.#headers,
        body: await this.#body(batch),
        timeoutMs: client.timeout,
        bodyBytesMax: answerBytesMax,
        followRedirects: true,
        signal,
        ...(client.proxy_url === undefined ? {} : { proxyUrl: client.proxy_url }),
        ...(tls ? { tls } : {}),
      })
      return this.#result(batch, response)
    } catch (error) {
      if (!isCapabilityError(error)) throw error
      return { kind: 'retryable', message: error.message }
    }
  }

  async #body(batch: OtelBatch): Promise<Uint8Array> {
    const { codec, text } = this.#env
    const bytes = this.#args.encoding === 'json' ? text.encode(writeOtelJson(batch)) : batch.bytes
    switch (this.#args.client.compression) {
      case 'gzip':
        return codec.gzip(bytes)
      case 'zstd':
        return codec.zstd(bytes)
      case 'snappy':
        // A copy: the kernel's memory is used again by the next call.
        return codec.snappy(bytes).slice()
      default:
        return bytes
    }
  }

  #result(batch: OtelBatch, response: HttpResponse): SendResult {
    const { status, headers, body } = response
    if (status >= 200 && status < 300) return this.#accepted(batch, response)
    const message = `HTTP status ${status}${errorText(this.#env.text.decode(body), body, headers['content-type'])}`
    if (status !== 429 && status !== 502 && status !== 503 && status !== 504) {
      return { kind: 'permanent', reason: `http_${status}`, message }
    }
    const after = retryAfterMs(headers['retry-after'], this.#env.clock.now())
    return after === undefined ? { kind: 'retryable', message } : { kind: 'retryable', message, retryAfterMs: after }
  }

  #accepted(batch: OtelBatch, { headers, body }: HttpResponse): SendResult {
    if (body.length === 0) return { kind: 'accepted', rejected: 0, message: '' }
    try {
      const json = headers['content-type']?.startsWith('application/json')
      const result = json
        ? decodeExportResponseJson(batch.type, this.#env.text.decode(body))
        : decodeExportResponse(body)
      return { kind: 'accepted', ...result }
    } catch {
      // The status says that the records were taken; an unreadable body takes nothing back.
      return { kind: 'accepted', rejected: 0, message: '' }
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

function errorText(text: string, body: Uint8Array, contentType: string | undefined): string {
  const status = contentType?.startsWith('application/x-protobuf') ? decodeRpcStatus(body)?.message : text
  return status ? `: ${status.slice(0, errorCharactersMax)}` : ''
}

function lowerCaseNames<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
