import { z } from 'zod'
import type { App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

const pageLeaves = 100

const query = z.strictObject({ after: z.coerce.number().int().min(-1).max(Number.MAX_SAFE_INTEGER).default(-1) })
const answer = z.object({
  leaves: z.array(
    z.object({
      index: z.int(),
      type: z.string(),
      leaf: z.string().describe('The statement. Without a salt its UTF-8 bytes stand in the log.'),
      salt: z.string().nullable().describe('Base64 of 32 bytes: the log has SHA-256 of them and the statement.'),
    }),
  ),
  /** The index to go on after; nothing: these were the last. */
  next: z.int().nullable(),
})

/**
 * `GET /api/v1/modules/@s/n/log`: the log's leaves about one module, each with what opens it. Whoever may see the module can
 * write its index from them, and find each in the log that everybody sees.
 */
export function moduleLogRoutes(app: App, { meta }: Registry): void {
  const schema = {
    summary: 'What the log has of a module, and the salts where it has commitments',
    params: moduleParams,
    querystring: query,
    response: { 200: answer },
  }
  app.get(
    '/api/v1/modules/@:scope/:name/log',
    { config: { action: 'module.read' }, schema },
    async (request, reply) => {
      const module = moduleOf(request.params)
      const found = await meta.log.eventsOf(module, { after: request.query.after, limit: pageLeaves + 1 })
      if (found.length === 0 && (await meta.log.lastOf(module)) === undefined) {
        throw new Problem('not_found', 'Cannot find the module')
      }
      const leaves = found.slice(0, pageLeaves)
      const next = found.length > pageLeaves ? leaves.at(-1)!.index : null
      return reply.header('cache-control', cacheControl.events).send({ leaves, next })
    },
  )
}
