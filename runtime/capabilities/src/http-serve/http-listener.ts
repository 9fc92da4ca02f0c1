import { createServer, type IncomingMessage, type Server, type ServerResponse as NodeResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Listener, ListenOptions, ServerRequest, ServerResponse } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { collectBody } from './body.ts'
import { bind } from './bind.ts'
import { serverTls } from './server-tls.ts'

/** Connections of one listener; more are closed at once. */
const connectionsMax = 16_384
/** A client sends a whole request within this, its headers within the other. */
const requestTimeoutMs = 300_000
const headersTimeoutMs = 60_000
/** Idle connections are kept this long: longer than common clients keep theirs, so that they are the ones who close. */
const keepAliveMs = 95_000
/** A client that was refused may go on sending for this long. */
const lingerMs = 5000
/** What a pusher is told when too many requests are being handled. */
const retryAfterSeconds = 1

export type HttpHandler = (request: ServerRequest) => Promise<ServerResponse>

export async function listenHttp(access: Access, options: ListenOptions, handler: HttpHandler): Promise<Listener> {
  const limits = { requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs, keepAliveTimeout: keepAliveMs }
  const server: Server = options.tls ? createTlsServer({ ...serverTls(options.tls), ...limits }) : createServer(limits)
  server.maxConnections = connectionsMax
  const running: Running = { count: 0, closing: undefined }
  server.on('request', (request: IncomingMessage, response: NodeResponse) => {
    void serve(request, response, options, handler, running)
  })
  // A malformed request is answered by Node.js; without a listener its error would be thrown.
  server.on('tlsClientError', () => {})
  const address = await bind(access, server, options.address)
  return {
    address,
    close: (graceMs = 0) => {
      running.closing ??= closeServer(server, graceMs)
      return running.closing
    },
  }
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}

interface Running {
  count: number
  /** Set once the listener is being closed: answers then end their connections. */
  closing: Promise<void> | undefined
}

async function serve(
  request: IncomingMessage,
  response: NodeResponse,
  options: ListenOptions,
  handler: HttpHandler,
  running: Running,
): Promise<void> {
  // Connections that are reset are no news to anybody here: the handler's outcome tells the component.
  response.on('error', () => {})
  if (running.count >= options.requestsMax) {
    refuse(request, response, { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } })
    return
  }
  running.count++
  try {
    const body = await collectBody(request, options.bodyBytesMax)
    if (body === 'too_large') refuse(request, response, { status: 413 })
    else if (body !== 'aborted')
      answer(response, await handler(serverRequest(request, body)), running.closing !== undefined)
  } catch {
    answer(response, { status: 500 }, running.closing !== undefined)
  } finally {
    running.count--
  }
}

/**
 * Answers before the body has come. Closing at once would reset the connection, and with it the answer, while the client
 * is still sending: what comes is thrown away, for a bounded time.
 */
function refuse(request: IncomingMessage, response: NodeResponse, refusal: ServerResponse): void {
  answer(response, refusal, false)
  request.resume()
  if (request.complete) return
  const timer = setTimeout(() => request.destroy(), lingerMs)
  request.once('close', () => clearTimeout(timer))
}

function serverRequest(request: IncomingMessage, body: Uint8Array): ServerRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers,
    body,
    remoteAddress: request.socket.remoteAddress ?? '',
  }
}

function answer(response: NodeResponse, { status, headers, body }: ServerResponse, close: boolean): void {
  if (response.headersSent || response.destroyed) return
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0)
  response.writeHead(status, { 'content-length': bytes, ...headers, ...(close ? { connection: 'close' } : {}) })
  response.end(body)
}
