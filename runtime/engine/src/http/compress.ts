import type { FastifyInstance } from 'fastify'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** What is smaller gains nothing. */
const bytesMin = 1_024
/** Fast: most answers are asked for again in a second. */
const level = 1
const compressible = /^(?:text\/|application\/(?:json|javascript)|image\/svg)/
const gzipAsync = promisify(gzip)

/** Compresses answers for clients that take gzip. What has an encoding already is left as it is. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload
    if (!compressible.test(String(reply.getHeader('content-type') ?? ''))) return payload
    reply.header('vary', 'accept-encoding')
    if (reply.hasHeader('content-encoding') || !acceptsGzip(request.headers['accept-encoding'])) return payload
    const bytes = Buffer.from(payload)
    if (bytes.length < bytesMin) return payload
    const compressed = await gzipAsync(bytes, { level })
    reply.header('content-encoding', 'gzip').header('content-length', compressed.length)
    return compressed
  })
}

/** RFC 9110, section 12.5.3: named, and not with a weight of zero. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => {
      const [coding, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      return coding === 'gzip' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    })
}
