import {
  CapabilityError,
  type GrpcRequest,
  type GrpcResponse,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  type HttpResponseHead,
} from '@ingot/sdk'

/** What a script answers: a whole response, or parts of one. A `CapabilityError` that is thrown is the failure. */
export interface ScriptedResponse {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
export type HttpScript = (request: ReceivedRequest) => ScriptedResponse | Promise<ScriptedResponse>
export type GrpcScript = (request: GrpcRequest) => Partial<GrpcResponse> | Promise<Partial<GrpcResponse>>

/** A request as the remote would see it: secrets revealed, the body in one piece. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The request as the component made it. */
  readonly request: HttpRequest
}

/** A remote that answers by script: `respond` by the start of the URL, the latest script first. Without one it is unreachable. */
export class FakeHttp implements HttpClient {
  readonly requests: ReceivedRequest[] = []
  readonly grpcRequests: GrpcRequest[] = []
  readonly #scripts: { prefix: string; script: HttpScript }[] = []
  readonly #grpcScripts: { prefix: string; script: GrpcScript }[] = []

  respond(urlPrefix: string, script: HttpScript | ScriptedResponse): void {
    this.#scripts.unshift({ prefix: urlPrefix, script: typeof script === 'function' ? script : () => script })
  }

  /** `prefix`: of the origin and path (`http://tempo:4317/opentelemetry.proto…`). */
  respondGrpc(prefix: string, script: GrpcScript | Partial<GrpcResponse>): void {
    this.#grpcScripts.unshift({ prefix, script: typeof script === 'function' ? script : () => script })
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const received: ReceivedRequest = {
      method: request.method,
      url: request.url,
      headers: flatHeaders(request.headers),
      body: joined(request.body),
      request,
    }
    this.requests.push(received)
    const found = this.#scripts.find(({ prefix }) => request.url.startsWith(prefix))
    if (!found)
      throw new CapabilityError('unreachable', `Cannot ${request.method} ${request.url}: no script answers it`)
    const { status = 200, headers = {}, body = '' } = await raceAbort(found.script(received), request.signal)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    if (bytes.length > request.bodyBytesMax)
      throw new CapabilityError('too_large', `Cannot ${request.method} ${request.url}: the response is too large`)
    const head: HttpResponseHead = { status, headers: lowerCase(headers) }
    if (status !== 200 || !request.onData) return { ...head, body: Uint8Array.from(bytes) }
    request.onData(bytes, head)
    return { ...head, body: new Uint8Array() }
  }

  async grpc(request: GrpcRequest): Promise<GrpcResponse> {
    this.grpcRequests.push(request)
    const found = this.#grpcScripts.find(({ prefix }) => (request.origin + request.path).startsWith(prefix))
    if (!found)
      throw new CapabilityError('unreachable', `Cannot call ${request.path} of ${request.origin}: no script answers it`)
    const answered = await raceAbort(found.script(request), request.signal)
    return { code: 0, details: '', message: new Uint8Array(), ...answered }
  }
}

async function raceAbort<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(new CapabilityError('aborted', 'Cannot go on: the signal fired'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function flatHeaders(headers: HttpRequest['headers'] = {}): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const values = (Array.isArray(value) ? value : [value]) as (string | { reveal(): string })[]
    flat[name.toLowerCase()] = values.map((one) => (typeof one === 'string' ? one : one.reveal())).join(', ')
  }
  return flat
}

function joined(body: HttpRequest['body']): Uint8Array {
  if (body === undefined) return new Uint8Array()
  return body instanceof Uint8Array ? Uint8Array.from(body) : Buffer.concat(body)
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
