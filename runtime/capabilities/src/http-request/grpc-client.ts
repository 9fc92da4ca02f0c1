import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { GrpcRequest, GrpcResponse } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { acceptEncoding, compressionOf, frameMessage, MessageCollector, MessageError } from '../grpc/message.ts'
import { parseRetryInfo } from '../grpc/retry-info.ts'
import { decodeDetails, statusOfHttp } from '../grpc/status.ts'
import { ExchangeError } from './exchange.ts'
import { failure } from './failure.ts'
import { GrpcSessions } from './grpc-sessions.ts'
import { textOf } from './headers.ts'
import type { OriginPolicy } from './policy.ts'

/** Unary calls over HTTP/2. One session per origin carries all calls; a session that has ended is replaced by the next call. */
export class GrpcClient {
  readonly #access: Access
  readonly #policy: OriginPolicy
  readonly #sessions = new GrpcSessions()

  constructor(access: Access, policy: OriginPolicy) {
    this.#access = access
    this.#policy = policy
  }

  async call(request: GrpcRequest): Promise<GrpcResponse> {
    const action = `Cannot call ${request.path} of ${request.origin}`
    try {
      const url = new URL(request.origin)
      const reach = this.#policy.check(url)
      if (request.signal?.aborted) throw new ExchangeError('aborted', 'the signal has fired')
      const startedAt = performance.now()
      const frame = await frameMessage(request.message, request.compression ?? 'none')
      const session = this.#sessions.get({
        origin: url.origin,
        tls: request.tls,
        reach: this.#access.trusted ? undefined : reach,
      })
      const timeoutMs = request.timeoutMs - (performance.now() - startedAt)
      return await new Call(request, session, frame, Math.max(1, timeoutMs)).run()
    } catch (error) {
      throw failure(this.#access, this.#policy, action, request.origin, error)
    }
  }

  async close(): Promise<void> {
    this.#sessions.close()
  }
}

class Call {
  readonly #request: GrpcRequest
  readonly #stream: ClientHttp2Stream
  readonly #session: ClientHttp2Session
  readonly #collector: MessageCollector
  readonly #frame: readonly [Uint8Array, Uint8Array]
  readonly #timeoutMs: number
  #headers: IncomingHttpHeaders = {}
  #trailers: IncomingHttpHeaders | undefined
  #sessionError: Error | undefined

  constructor(
    request: GrpcRequest,
    session: ClientHttp2Session,
    frame: readonly [Uint8Array, Uint8Array],
    timeoutMs: number,
  ) {
    this.#request = request
    this.#session = session
    this.#frame = frame
    this.#timeoutMs = timeoutMs
    this.#collector = new MessageCollector(request.messageBytesMax)
    this.#stream = session.request(callHeaders(request, timeoutMs), { endStream: false })
  }

  run(): Promise<GrpcResponse> {
    return new Promise((resolve, reject) => {
      const stream = this.#stream
      let settled = false
      const settle = (run: () => void) => {
        if (settled) return
        settled = true
        clearTimeout(timer)
        this.#request.signal?.removeEventListener('abort', onAbort)
        this.#session.off('error', onSessionError)
        run()
      }
      const fail = (error: Error) =>
        settle(() => {
          stream.close(constants.NGHTTP2_CANCEL)
          reject(error)
        })
      const onAbort = () => fail(new ExchangeError('aborted', 'the signal fired'))
      const onSessionError = (error: Error) => {
        this.#sessionError = error
      }
      const timer = setTimeout(() => {
        // The peer may be gone without a word: calls that come later get a session of their own.
        this.#session.close()
        fail(new ExchangeError('timeout', `no answer within ${this.#request.timeoutMs} ms`))
      }, this.#timeoutMs)
      this.#request.signal?.addEventListener('abort', onAbort, { once: true })
      this.#session.on('error', onSessionError)
      stream.on('response', (headers) => {
        this.#headers = headers
      })
      stream.on('trailers', (trailers) => {
        this.#trailers = trailers
      })
      stream.on('data', (piece: Buffer) => {
        try {
          this.#collector.push(piece)
        } catch (error) {
          fail(messageFailure(error))
        }
      })
      stream.on('error', (error) => fail(this.#sessionError ?? error))
      stream.on('close', () =>
        settle(() => void this.#response().then(resolve, (error: unknown) => reject(messageFailure(error)))),
      )
      stream.cork()
      stream.write(this.#frame[0])
      stream.end(this.#frame[1])
      process.nextTick(() => stream.uncork())
    })
  }

  async #response(): Promise<GrpcResponse> {
    // An answer without a message has its status among the headers ("trailers only").
    const end = this.#trailers ?? this.#headers
    const status = end['grpc-status']
    const httpStatus = this.#headers[':status'] as number | undefined
    if (httpStatus === undefined)
      throw new ExchangeError('unreachable', this.#sessionError?.message ?? 'the connection ended before an answer')
    if (status === undefined && httpStatus === 200)
      throw new ExchangeError('unreachable', 'the connection ended before the status')
    const code = status === undefined ? statusOfHttp(httpStatus) : Number(status)
    const details =
      status === undefined ? `HTTP status ${httpStatus}` : decodeDetails(single(end['grpc-message']) ?? '')
    const info = single(end['grpc-status-details-bin'])
    const retryAfterMs = info === undefined ? undefined : parseRetryInfo(info)
    const withMessage = status !== undefined && code === 0 && !this.#collector.empty
    const message = withMessage
      ? await this.#collector.message(compressionOf(single(this.#headers['grpc-encoding'])))
      : new Uint8Array()
    return { code, details, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  }
}

function callHeaders(request: GrpcRequest, timeoutMs: number): Record<string, string> {
  const headers: Record<string, string> = {
    ':method': 'POST',
    ':path': request.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'ingot',
    'grpc-accept-encoding': acceptEncoding,
    'grpc-timeout': grpcTimeout(timeoutMs),
  }
  if (request.compression !== undefined && request.compression !== 'none')
    headers['grpc-encoding'] = request.compression
  for (const [name, value] of Object.entries(request.metadata ?? {})) headers[name.toLowerCase()] = textOf(value)
  return headers
}

/** At most eight digits and a unit. */
function grpcTimeout(ms: number): string {
  const whole = Math.ceil(ms)
  return whole < 1e8 ? `${whole}m` : `${Math.min(99_999_999, Math.ceil(whole / 1000))}S`
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function messageFailure(error: unknown): Error {
  if (!(error instanceof MessageError)) return error as Error
  return new ExchangeError(error.reason === 'too_large' ? 'too_large' : 'protocol', error.message)
}
