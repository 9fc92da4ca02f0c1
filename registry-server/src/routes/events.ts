import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

const pageEvents = 100

const eventsQuery = z.strictObject({ after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0) })

/**
 * `GET /api/v1/events?after=<seq>`: what has changed, from a number on that the reader has seen. `seq` is the size that
 * the log has with the event, so the numbers have no gaps and no event comes late.
 */
export function eventRoutes(app: FastifyInstance, registry: Registry): void {
  app.get('/api/v1/events', async (request, reply) => {
    const query = eventsQuery.safeParse(request.query)
    if (!query.success) throw new Problem('request_invalid', `Cannot list events: ${z.prettifyError(query.error)}`)
    const { after } = query.data
    const events = (await registry.meta.log.events(after, pageEvents)).map(({ index, type, subject, at }) => ({
      seq: index + 1,
      type,
      subject,
      at,
    }))
    return reply.header('cache-control', cacheControl.events).send({ events, next: events.at(-1)?.seq ?? after })
  })
}
