import { searchAnswer, searchParameters } from '@ingot/manifest'
import { sightOf } from '../access/sight.ts'
import type { App } from '../api/zod-routes.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

/** `GET /api/v1/search`: modules by words and facets, the best first. */
export function searchRoutes(app: App, { meta }: Registry): void {
  const summary = 'Modules by words and facets, the best first'
  const schema = { summary, querystring: searchParameters, response: { 200: searchAnswer } }
  app.get('/api/v1/search', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const sight = await sightOf(meta.scopes, request.principal)
    return reply.header('cache-control', cacheControl.search).send(await meta.search.search(request.query, sight))
  })
}
