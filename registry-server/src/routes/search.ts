import { capabilitySummary, type SearchAnswer } from '@ingot/manifest'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Problem } from '../problem.ts'
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
export function searchRoutes(app: FastifyInstance, registry: Registry): void {
  app.get('/api/v1/search', async (request, reply) => {
    const parsed = query.safeParse(request.query)
    if (!parsed.success) throw new Problem('request_invalid', `Cannot search: ${z.prettifyError(parsed.error)}`)
    const { q, cursor } = parsed.data
    const { total, items } = await registry.meta.modules.search({
      words: searchWords(q),
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
