import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { mayRead } from '../access/authorize.ts'
import type { Principal } from '../access/principal.ts'
import { cacheControl } from './cache-control.ts'

/** `GET /blobs/sha512/<hex>`: packed modules by their content. Only what some version names is served. */
export function blobRoutes(app: App, registry: Registry): void {
  const schema = {
    summary: 'The bytes of a packed module',
    params: z.object({ hex: z.string() }),
    response: { 200: media('application/gzip') },
  }
  app.get('/blobs/sha512/:hex', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const { hex } = request.params
    const known = /^[0-9a-f]{128}$/.test(hex) && (await isServed(registry, request.principal, hex))
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

/** A blob is served to whoever can see a module that it is a version of: its digest alone gives no right to it. */
async function isServed({ meta }: Registry, principal: Principal, sha512: string): Promise<boolean> {
  for (const module of await meta.versions.modulesOfBlob(sha512)) {
    if (await mayRead(meta.scopes, principal, { module })) return true
  }
  return false
}
