import type { FastifyInstance } from 'fastify'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

/** `GET /blobs/sha512/<hex>`: packed modules by their content. Only what some version names is served. */
export function blobRoutes(app: FastifyInstance, registry: Registry): void {
  app.get('/blobs/sha512/:hex', async (request, reply) => {
    const { hex } = request.params as { hex: string }
    const known = /^[0-9a-f]{128}$/.test(hex) && (await registry.meta.versions.hasBlob(hex))
    const blob = known ? await registry.blobs.read(hex) : undefined
    if (!blob) throw new Problem('not_found', 'Cannot find the blob: no version has this digest')
    return reply
      .header('cache-control', cacheControl.immutable)
      .header('etag', `"${hex}"`)
      .header('repr-digest', `sha-512=:${Buffer.from(hex, 'hex').toString('base64')}:`)
      .header('content-length', blob.sizeBytes)
      .type('application/gzip')
      .send(blob.content)
  })
}
