import type { FastifyInstance } from 'fastify'
import { IndexRenderer } from '../log/index-renderer.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf } from './module-params.ts'

/** `GET /index/@s/n.ndjson`: all versions of a module in one cheap request; `.sig`: that it is the current one. */
export function indexRoutes(app: FastifyInstance, registry: Registry): void {
  const renderer = new IndexRenderer(registry)

  app.get('/index/@:scope/:name.ndjson', async (request, reply) => {
    const { etag, text } = wanted(await renderer.index(moduleOf(request.params)))
    reply.header('etag', etag).header('cache-control', cacheControl.index)
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return reply.type('application/x-ndjson').send(text)
  })

  app.get('/index/@:scope/:name.sig', async (request, reply) => {
    const envelope = wanted(await renderer.signature(moduleOf(request.params), new Date()))
    return reply.header('cache-control', cacheControl.index).send(envelope)
  })
}

function wanted<T>(found: T | undefined): T {
  if (found === undefined)
    throw new Problem('not_found', 'Cannot find the module: nothing of this name has been published')
  return found
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag)
}
