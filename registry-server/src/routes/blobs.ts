import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { parseRange } from '../answers/byte-range.ts'
import { matchesEntityTag } from '../answers/entity-tag.ts'
import { media, nothing, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { mayRead } from '../access/authorize.ts'
import { cacheControl } from './cache-control.ts'
import { allowQuery, wantServed } from './served-version.ts'

/** `GET /blobs/sha512/<hex>`: packed modules by their content. Only what some version names is served. */
export function blobRoutes(app: App, registry: Registry): void {
  const schema = {
    summary: 'The bytes of a packed module',
    params: z.object({ hex: z.string() }),
    querystring: allowQuery,
    response: { 200: media('application/gzip'), 206: media('application/gzip'), 304: nothing },
  }
  app.get('/blobs/sha512/:hex', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const { hex } = request.params
    const found = /^[0-9a-f]{128}$/.test(hex) ? await registry.meta.versions.ofBlob(hex) : undefined
    // A digest alone gives no right to what one cannot see.
    const known = found && (await mayRead(registry.meta.scopes, request.principal, { module: found.module }))
    if (!known) throw absent()
    wantServed(found, request.query)
    reply
      .header('cache-control', cacheControl.immutable)
      .header('accept-ranges', 'bytes')
      .header('etag', `"${hex}"`)
      .header('repr-digest', `sha-512=:${Buffer.from(hex, 'hex').toString('base64')}:`)
      .type('application/gzip')
    if (matchesEntityTag(request.headers['if-none-match'], `"${hex}"`)) return reply.code(304).send()
    const { range: asked, 'if-range': onlyOf } = request.headers
    const partial = asked !== undefined && (onlyOf === undefined || onlyOf === `"${hex}"`)
    if (partial || request.method === 'HEAD') return sendPart(registry, request, reply, partial ? asked : undefined)
    const blob = await registry.blobs.read(hex)
    if (!blob) throw absent()
    const { logIndex } = found
    const who = { ip: request.ip, userAgent: request.headers['user-agent'], now: registry.clock() }
    // What the client has received whole is a download.
    blob.content.once('end', () => registry.downloads.add(logIndex, who))
    return reply.header('content-length', blob.sizeBytes).send(blob.content)
  })
}

/** What needs the size before the bytes. */
async function sendPart(
  { blobs }: Registry,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: string | undefined,
): Promise<FastifyReply> {
  const { hex } = request.params as { hex: string }
  const sizeBytes = await blobs.size(hex)
  if (sizeBytes === undefined) throw absent()
  const range = parseRange(asked, sizeBytes)
  if (range === 'unsatisfiable') {
    throw new Problem('range_unsatisfiable', `Cannot send "${asked}": the blob has ${sizeBytes} bytes`, {
      headers: { 'content-range': `bytes */${sizeBytes}` },
    })
  }
  if (range) reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${sizeBytes}`)
  reply.header('content-length', range ? range.last - range.first + 1 : sizeBytes)
  // Of an answer that it sends no body for, the server would otherwise say that it has no length.
  if (request.method === 'HEAD') return reply.send(Readable.from([]))
  const blob = await blobs.read(hex, range)
  if (!blob) throw absent()
  return reply.send(blob.content)
}

function absent(): Problem {
  return new Problem('not_found', 'Cannot find the blob: no version has this digest')
}
