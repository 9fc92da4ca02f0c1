import type { HttpClient, HttpRequest, HttpResponse, ServerRequest, ServerResponse } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { Dispatchers } from './dispatchers.ts'
import { exchange, ExchangeError } from './exchange.ts'
import { failure } from './failure.ts'
import { GrpcClient } from './grpc-client.ts'
import { wireHeaders } from './headers.ts'
import { carriesSecrets, withoutEcho } from './secret-echo.ts'
import { OriginPolicy, type Reach } from './policy.ts'

/** A body that may repeat a secret is kept whole until it is looked through. */
const lookedThroughBytesMax = 4 * 2 ** 20
/** Redirects that one request follows. */
const redirectsMax = 10

export interface HttpRequestOptions {
  readonly access: Access
  readonly allowed: () => Designation
  /** `host:port` whose requests never reach a socket. */
  readonly internalAddress: string
  requestInternal(request: ServerRequest): Promise<ServerResponse>
}

export interface HttpCapability {
  readonly client: HttpClient
  close(): Promise<void>
}

export function createHttpClient(options: HttpRequestOptions): HttpCapability {
  const client = new Client(options)
  return { client, close: () => client.close() }
}

class Client implements HttpClient {
  readonly #options: HttpRequestOptions
  readonly #policy: OriginPolicy
  readonly #dispatchers = new Dispatchers()
  readonly #grpc: GrpcClient

  constructor(options: HttpRequestOptions) {
    this.#options = options
    this.#policy = new OriginPolicy(options.access, options.allowed)
    this.#grpc = new GrpcClient(options.access, this.#policy)
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { access } = this.#options
    const origin = originShown(request.url)
    const abort = new AbortController()
    const timer = setTimeout(
      () => abort.abort(new ExchangeError('timeout', `no answer within ${request.timeoutMs} ms`)),
      request.timeoutMs,
    )
    const onAbort = () => abort.abort(new ExchangeError('aborted', 'the signal fired'))
    if (request.signal?.aborted) onAbort()
    request.signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#withoutEcho(request, abort.signal)
    } catch (error) {
      throw failure(access, this.#policy, `Cannot ${request.method} ${origin}`, origin, error)
    } finally {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', onAbort)
    }
  }

  grpc: HttpClient['grpc'] = (request) => this.#grpc.call(request)

  async close(): Promise<void> {
    await Promise.all([this.#dispatchers.close(), this.#grpc.close()])
  }

  /** A module that may not know its secrets gets no piece of a body before the whole was looked through. */
  async #withoutEcho(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    if (this.#options.access.trusted || !carriesSecrets(request)) return this.#follow(request, signal)
    const { onData, ...whole } = request
    const bodyBytesMax = Math.min(request.bodyBytesMax, lookedThroughBytesMax)
    const response = withoutEcho(request, await this.#follow({ ...whole, bodyBytesMax }, signal))
    if (!onData || response.status !== 200) return response
    const { body, ...head } = response
    onData(body, head)
    return { ...head, body: new Uint8Array() }
  }

  async #follow(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    let url = parseUrl(request.url)
    let { method, body } = request
    let headers = wireHeaders({ body, headers: request.headers }, url)
    for (let redirects = 0; ; redirects++) {
      signal.throwIfAborted()
      const response = await this.#once({ request, url, method, body, headers, signal })
      const next = request.followRedirects === true ? redirectTarget(response, url) : undefined
      if (next === undefined) return response
      if (redirects === redirectsMax) throw new ExchangeError('protocol', `more than ${redirectsMax} redirects`)
      if (response.status === 303 || (response.status < 303 && method === 'POST')) {
        method = method === 'HEAD' ? 'HEAD' : 'GET'
        body = undefined
      }
      headers = wireHeaders({ body, headers: redirectedHeaders(request, url, next) }, next)
      url = next
    }
  }

  async #once(step: Step): Promise<HttpResponse> {
    const { request, url, method, body, headers, signal } = step
    const reach = this.#policy.check(url)
    if (`${url.hostname}:${portOf(url)}` === this.#options.internalAddress) return this.#internal(step)
    if (request.proxyUrl) this.#policy.check(parseUrl(request.proxyUrl))
    const guarded: Reach | undefined = this.#options.access.trusted ? undefined : reach
    const dispatcher = this.#dispatchers.get({
      origin: url.origin,
      tls: request.tls,
      proxyUrl: request.proxyUrl,
      reach: guarded,
    })
    const { bodyBytesMax, onData } = request
    return exchange({
      dispatcher,
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      body,
      bodyBytesMax,
      onData,
      signal,
    })
  }

  async #internal({ request, url, method, body, headers, signal }: Step): Promise<HttpResponse> {
    const received: Record<string, string> = {}
    for (let i = 0; i < headers.length; i += 2) received[headers[i]!.toLowerCase()] = headers[i + 1]!
    const bytes = body === undefined ? new Uint8Array() : body instanceof Uint8Array ? body : Buffer.concat(body)
    const asked = {
      method,
      url: url.pathname + url.search,
      headers: received,
      body: bytes,
      remoteAddress: this.#options.internalAddress,
    }
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    )
    const answer = await Promise.race([this.#options.requestInternal(asked), aborted])
    const answered = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? new Uint8Array())
    if (answered.length > request.bodyBytesMax)
      throw new ExchangeError('too_large', `the response has more than ${request.bodyBytesMax} bytes`)
    const head = { status: answer.status, headers: lowerCase(answer.headers ?? {}) }
    if (answer.status !== 200 || !request.onData) return { ...head, body: answered }
    request.onData(answered, head)
    return { ...head, body: new Uint8Array() }
  }
}

interface Step {
  readonly request: HttpRequest
  readonly url: URL
  readonly method: string
  readonly body: HttpRequest['body']
  readonly headers: readonly string[]
  readonly signal: AbortSignal
}

function redirectTarget({ status, headers }: HttpResponse, from: URL): URL | undefined {
  const redirects = status === 301 || status === 302 || status === 303 || status === 307 || status === 308
  const { location } = headers
  if (!redirects || location === undefined) return undefined
  const target = parseUrl(location, from)
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new ExchangeError('protocol', `a redirect to ${target.protocol}`)
  return target
}

/** Credentials stay with the origin they were meant for. */
function redirectedHeaders(request: HttpRequest, from: URL, to: URL): HttpRequest['headers'] {
  const headers = request.headers ?? {}
  if (from.origin === to.origin) return headers
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie|proxy-authorization|host)$/i.test(name)),
  )
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function parseUrl(text: string, from?: URL): URL {
  if (!URL.canParse(text, from?.href)) throw new ExchangeError('invalid', 'the URL is malformed')
  const url = new URL(text, from)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ExchangeError('invalid', `the scheme "${url.protocol}" is not http or https`)
  return url
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}

/** What of a URL may be shown: no user, no password, no query. */
function originShown(text: string): string {
  return URL.canParse(text) ? new URL(text).origin : 'a malformed URL'
}
