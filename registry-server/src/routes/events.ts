import { z } from 'zod'
import { isHiddenEvent } from '../access/is-hidden-event.ts'
import type { App } from '../api/zod-routes.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

const pageEvents = 100

const eventsQuery = z.strictObject({ after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0) })

const eventsAnswer = z.object({
  events: z.array(
    z.object({
      seq: z.int(),
      type: z.string().describe('`private`: something that only members of its scope see.'),
      subject: z.string().nullable().describe('`null` where it is private.'),
      at: z.string(),
    }),
  ),
  next: z.int(),
})

/**
 * `GET /api/v1/events?after=<seq>`: what has changed, from a number on that the reader has seen. `seq` is the size that
 * the log has with the event, so the numbers have no gaps and no event comes late.
 */
export function eventRoutes(app: App, { meta }: Registry): void {
  const schema = { summary: 'What has changed, in order', querystring: eventsQuery, response: { 200: eventsAnswer } }
  app.get('/api/v1/events', { config: { action: 'registry.read' }, schema }, async (request, reply) => {
    const { after } = request.query
    const found = await meta.log.events(after, pageEvents)
    const events = await Promise.all(
      found.map(async (event) => {
        const hidden = await isHiddenEvent(meta.scopes, request.principal, event)
        const { type, subject } = hidden ? { type: 'private', subject: null } : event
        return { seq: event.index + 1, type, subject, at: event.at }
      }),
    )
    return reply.header('cache-control', cacheControl.events).send({ events, next: events.at(-1)?.seq ?? after })
  })
}
