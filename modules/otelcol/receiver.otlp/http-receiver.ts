import { isCapabilityError, type Codec, type ServerRequest, type ServerResponse, type Text } from '@ingot/sdk'
import {
  OtelFormatError,
  encodeExportResponse,
  encodeExportResponseJson,
  encodeRpcStatus,
  encodeRpcStatusJson,
  readOtelJson,
  readOtelRequest,
  type OtelBatch,
  type OtelSignal,
} from '@ingot/telemetry'
import type { HttpArguments } from './component.ts'
import { corsHeaders } from './cors.ts'
import type { Intake, IntakeResult } from './intake.ts'

const protobuf = 'application/x-protobuf'
const json = 'application/json'
type Encoding = typeof protobuf | typeof json

/** A request that cannot be served, with the status and gRPC code that say why. */
class Rejection extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** OTLP/HTTP on the server's side: requests to batches, and outcomes to answers. */
export class OtlpHttpReceiver {
  readonly #args: HttpArguments
  readonly #intake: Intake
  readonly #codec: Codec
  readonly #text: Text
  readonly #signals: ReadonlyMap<string, OtelSignal>

  constructor(args: HttpArguments, intake: Intake, codec: Codec, text: Text) {
    const paths: [string, OtelSignal][] = [
      [args.traces_url_path, 'otel.traces'],
      [args.metrics_url_path, 'otel.metrics'],
      [args.logs_url_path, 'otel.logs'],
    ]
    this.#args = args
    this.#intake = intake
    this.#codec = codec
    this.#text = text
    this.#signals = new Map(
      paths.filter(([, signal]) => intake.takes(signal)).map(([path, signal]) => [rooted(path), signal]),
    )
  }

  async handle(request: ServerRequest): Promise<ServerResponse> {
    const cors = corsHeaders(this.#args.cors, request)
    if (request.method === 'OPTIONS' && cors) return { status: 204, headers: cors }
    const encoding = encodingOf(request.headers['content-type'])
    let response: ServerResponse
    try {
      response = await this.#export(request, encoding)
    } catch (error) {
      if (!(error instanceof Rejection)) throw error
      response = failure(encoding ?? protobuf, error)
    }
    return cors ? { ...response, headers: { ...response.headers, ...cors } } : response
  }

  async #export(request: ServerRequest, encoding: Encoding | undefined): Promise<ServerResponse> {
    const end = request.url.indexOf('?')
    const signal = this.#signals.get(end < 0 ? request.url : request.url.slice(0, end))
    if (!signal) throw new Rejection(404, 5, 'no such path')
    if (request.method !== 'POST') throw new Rejection(405, 12, `method ${request.method}, want POST`)
    if (!encoding)
      throw new Rejection(
        415,
        3,
        `content type "${request.headers['content-type'] ?? ''}", want ${protobuf} or ${json}`,
      )
    const batch = this.#read(await this.#body(request), signal, encoding, request)
    return answer(signal, encoding, await this.#intake.take(batch))
  }

  async #body({ headers, body }: ServerRequest): Promise<Uint8Array> {
    const name = (headers['content-encoding'] ?? '').toLowerCase()
    if (name === '' || name === 'identity') return body
    const allowed: readonly string[] = this.#args.compression_algorithms
    const max = this.#args.max_request_body_size
    try {
      if (allowed.includes(name)) {
        if (name === 'gzip') return await this.#codec.gunzip(body, max)
        if (name === 'zstd') return await this.#codec.unzstd(body, max)
        if (name === 'snappy') return this.#codec.unsnappy(body, max).slice()
      }
    } catch (error) {
      if (isCapabilityError(error, 'too_large')) throw new Rejection(413, 3, `request larger than ${max} bytes`)
      throw new Rejection(400, 3, `content is not ${name}`)
    }
    throw new Rejection(415, 3, `content encoding "${name}" is not supported`)
  }

  #read(body: Uint8Array, signal: OtelSignal, encoding: Encoding, request: ServerRequest): OtelBatch {
    try {
      const metadata = this.#args.include_metadata ? request.headers : undefined
      if (encoding === json) return readOtelJson(this.#text.decode(body), signal, metadata)
      return readOtelRequest(body, signal, metadata)
    } catch (error) {
      if (error instanceof OtelFormatError) throw new Rejection(400, 3, error.message)
      throw error
    }
  }
}

function answer(signal: OtelSignal, encoding: Encoding, result: IntakeResult): ServerResponse {
  switch (result.kind) {
    case 'accepted':
      return success(signal, encoding, 0, '')
    case 'partial':
      return success(signal, encoding, result.rejected, result.message)
    case 'overloaded':
      return failure(encoding, new Rejection(429, 8, 'too much is under way'), result.retryAfterMs)
    case 'refused':
      return failure(encoding, new Rejection(503, 14, result.message), result.retryAfterMs)
  }
}

function success(signal: OtelSignal, encoding: Encoding, rejected: number, message: string): ServerResponse {
  const result = { rejected, message }
  const body = encoding === json ? encodeExportResponseJson(signal, result) : encodeExportResponse(result)
  return { status: 200, headers: { 'content-type': encoding }, body }
}

function failure(encoding: Encoding, { status, code, message }: Rejection, retryAfterMs?: number): ServerResponse {
  const body = encoding === json ? encodeRpcStatusJson({ code, message }) : encodeRpcStatus({ code, message })
  const headers: Record<string, string> = { 'content-type': encoding }
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)))
  return { status, headers, body }
}

function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase()
  return type === protobuf || type === json ? type : undefined
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}
