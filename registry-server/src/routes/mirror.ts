import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

/** `GET /mirror/<upstream>/…`: another registry, read through this one. It is whole below that path, with keys and a log of its own. */
export function mirrorRoutes(app: App, registry: Registry): void {
  const schema = {
    summary: 'A document of a registry that is mirrored here, as that registry has signed it',
    params: z.object({ upstream: z.string(), '*': z.string() }),
    response: { 200: media('application/octet-stream') },
  }
  app.get('/mirror/:upstream/*', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const { upstream, '*': path } = request.params
    const mirror = await registry.mirrors.find(upstream)
    const bytes = await mirror?.document(path)
    if (!bytes) throw new Problem('not_found', `Cannot find "${path}" in the mirror "${upstream}"`)
    return reply.header('cache-control', cacheOf(path)).type(typeOf(path)).send(Buffer.from(bytes))
  })
}

function cacheOf(path: string): string {
  if (path === 'log/checkpoint') return 'no-cache'
  // What a mirror holds back today it gives out tomorrow, and the other way round.
  return /^(?:log\/tile|keys\/\d)/.test(path) ? cacheControl.immutable : cacheControl.index
}

function typeOf(path: string): string {
  if (path === 'log/checkpoint') return 'text/plain; charset=utf-8'
  if (path.startsWith('blobs/')) return 'application/gzip'
  if (path.startsWith('log/')) return 'application/octet-stream'
  return path.endsWith('.ndjson') ? 'application/x-ndjson' : 'application/json'
}
