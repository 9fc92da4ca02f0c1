import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { GrpcReply, Listener, ListenOptions } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import {
  acceptEncoding,
  compressionOf,
  frameMessage,
  MessageCollector,
  MessageError,
  type Compression,
} from '../grpc/message.ts'
import { formatRetryInfo } from '../grpc/retry-info.ts'
import { encodeDetails, grpcStatus } from '../grpc/status.ts'
import { bind } from './bind.ts'
import { serverTls } from './server-tls.ts'

/** What a client may send before it waits: per call and per session. */
const streamWindowBytes = 4 * 2 ** 20
const sessionWindowBytes = 16 * 2 ** 20
/** Megabytes that nghttp2 may hold for one session: room for the windows above and for answers. */
const sessionMemoryMax = 64
/** Calls of one session at once. */
const streamsPerSessionMax = 1000
/** Sessions of one listener; more are closed at once. */
const sessionsMax = 16_384
/** What a client is told when too many calls are being handled. */
const retryAfterMs = 1000

export type GrpcHandler = (message: Uint8Array, metadata: Readonly<Record<string, string>>) => Promise<GrpcReply>

export async function listenGrpc(
  access: Access,
  options: ListenOptions,
  methods: Readonly<Record<string, GrpcHandler>>,
): Promise<Listener> {
  const shared = {
    maxSessionMemory: sessionMemoryMax,
    settings: { initialWindowSize: streamWindowBytes, maxConcurrentStreams: streamsPerSessionMax },
  }
  const server: Http2Server = options.tls
    ? createSecureServer({ ...serverTls(options.tls), ...shared })
    : createServer(shared)
  server.maxConnections = sessionsMax
  const listener = new GrpcListener(options, new Map(Object.entries(methods)))
  server.on('session', (session) => listener.onSession(session))
  server.on('stream', (stream, headers) => void listener.onStream(stream, headers))
  server.on('sessionError', () => {})
  const address = await bind(access, server, options.address)
  return { address, close: (graceMs = 0) => listener.close(server, graceMs) }
}

class GrpcListener {
  readonly #options: ListenOptions
  readonly #methods: ReadonlyMap<string, GrpcHandler>
  readonly #sessions = new Set<ServerHttp2Session>()
  #running = 0
  #closing: Promise<void> | undefined

  constructor(options: ListenOptions, methods: ReadonlyMap<string, GrpcHandler>) {
    this.#options = options
    this.#methods = methods
  }

  onSession(session: ServerHttp2Session): void {
    session.setLocalWindowSize(sessionWindowBytes)
    session.on('error', () => {})
    session.on('close', () => this.#sessions.delete(session))
    this.#sessions.add(session)
  }

  async onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {})
    const type = headers['content-type'] ?? ''
    if (headers[':method'] !== 'POST' || !type.startsWith('application/grpc')) {
      stream.respond({ ':status': 415 }, { endStream: true })
      return
    }
    const handler = this.#methods.get(headers[':path'] ?? '')
    if (!handler) return refuse(stream, { code: grpcStatus.unimplemented, details: 'unknown method' })
    if (this.#running >= this.#options.requestsMax) {
      return refuse(stream, { code: grpcStatus.resourceExhausted, details: 'too many calls at once', retryAfterMs })
    }
    this.#running++
    try {
      await this.#serve(stream, headers, handler)
    } finally {
      this.#running--
    }
  }

  close(server: Http2Server, graceMs: number): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const session of this.#sessions) session.destroy()
      }, graceMs)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      // A session that is closed so says it is going away, and ends when its calls have.
      for (const session of this.#sessions) session.close()
    })
    return this.#closing
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, handler: GrpcHandler): Promise<void> {
    let reply: GrpcReply
    try {
      const message = await receive(stream, headers, this.#options.bodyBytesMax)
      if (message === undefined) return
      reply = await handler(message, metadataOf(headers))
    } catch (error) {
      reply =
        error instanceof MessageError ? refusalOf(error) : { code: grpcStatus.internal, details: 'the handler failed' }
    }
    if (stream.destroyed) return
    if (reply.code !== 0) refuse(stream, reply)
    else await respond(stream, reply, acceptedCompression(headers))
  }
}

/** The call's message, or `undefined` when the client went away. @throws MessageError */
function receive(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const encoding = headers['grpc-encoding']
  const compression = compressionOf(Array.isArray(encoding) ? encoding[0] : encoding)
  const collector = new MessageCollector(bytesMax)
  return new Promise((resolve, reject) => {
    stream.on('data', (piece: Buffer) => {
      try {
        collector.push(piece)
      } catch (error) {
        stream.pause()
        reject(error as Error)
      }
    })
    stream.on('end', () => void collector.message(compression).then(resolve, reject))
    stream.on('close', () => resolve(undefined))
  })
}

async function respond(stream: ServerHttp2Stream, reply: GrpcReply, compression: Compression): Promise<void> {
  const message = reply.message ?? new Uint8Array()
  // Answers are a few bytes as a rule: compressing them only costs.
  const used = message.length > 1024 ? compression : 'none'
  const [prefix, body] = await frameMessage(message, used)
  if (stream.destroyed) return
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': acceptEncoding,
      ...(used === 'none' ? {} : { 'grpc-encoding': used }),
    },
    { waitForTrailers: true },
  )
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.concat([prefix, body]))
}

/** A status without a message: headers and trailers in one ("trailers only"). */
function refuse(stream: ServerHttp2Stream, { code, details = '', retryAfterMs: delay }: GrpcReply): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': acceptEncoding,
      'grpc-status': String(code),
      'grpc-message': encodeDetails(details),
      ...(delay === undefined ? {} : { 'grpc-status-details-bin': formatRetryInfo(code, details, delay) }),
    },
    { endStream: true },
  )
  // The rest of the client's message is of no use: it need not send it.
  if (!stream.readableEnded) stream.close(0)
}

function refusalOf({ reason, message }: MessageError): GrpcReply {
  if (reason === 'too_large') return { code: grpcStatus.resourceExhausted, details: message }
  return { code: reason === 'unsupported' ? grpcStatus.unimplemented : grpcStatus.internal, details: message }
}

function acceptedCompression(headers: IncomingHttpHeaders): Compression {
  const accepted = String(headers['grpc-accept-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim())
  return (['zstd', 'snappy', 'gzip'] as const).find((name) => accepted.includes(name)) ?? 'none'
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue
    metadata[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return metadata
}
