import { capabilitySummary, searchAnswer, type SearchAnswer } from '@ingot/manifest'
import { z } from 'zod'
import { sightOf } from '../access/sight.ts'
import type { App } from '../api/zod-routes.ts'
import type { Registry } from '../registry.ts'
import { wordsOf } from '../storage/meta/search-language.ts'
import { cacheControl } from './cache-control.ts'

const pageItems = 50
const wordsMax = 16

const query = z.object({
  q: z.string().max(200).default(''),
  cursor: z.coerce.number().int().min(0).max(1e6).default(0),
})

/** `GET /api/v1/search?q=&cursor=`. */
export function searchRoutes(app: App, registry: Registry): void {
  const schema = { summary: 'Modules by words', querystring: query, response: { 200: searchAnswer } }
  app.get('/api/v1/search', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const { q, cursor } = request.query
    const { total, items } = await registry.meta.modules.search({
      words: searchWords(q),
      sight: await sightOf(registry.meta.scopes, request.principal),
      limit: pageItems,
      offset: cursor,
    })
    const answer: SearchAnswer = {
      total,
      items: items.map(({ name, latest }) => ({
        name,
        version: latest.version,
        description: latest.manifest.description,
        capabilities: capabilitySummary(latest.manifest),
        publishedAt: latest.publishedAt,
        status: latest.status,
      })),
      next: cursor + items.length < total ? String(cursor + items.length) : null,
    }
    return reply.header('cache-control', cacheControl.search).send(answer)
  })
}

/** The words of a query. */
export function searchWords(text: string): string[] {
  return wordsOf(text).slice(0, wordsMax)
}
