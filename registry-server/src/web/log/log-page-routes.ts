import { z } from 'zod'
import { isHiddenEvent } from '../../access/is-hidden-event.ts'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { logEntryPage } from './log-entry-page.ts'
import { logPage } from './log-page.ts'

const pageEvents = 50

const index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** `/log` and its entries, for people. */
export function logPageRoutes(app: App, { meta, keys }: Registry): void {
  const config = { action: 'registry.read' } as const
  const list = {
    ...pageSchema('the log, the newest entries first'),
    querystring: z.object({ before: index.optional() }),
  }
  app.get('/log', { config, schema: list }, async ({ query, principal }, reply) => {
    const size = await meta.log.size()
    const before = Math.min(query.before ?? size, size)
    const events = await meta.log.latest(before, pageEvents)
    const shown = await Promise.all(
      events.map(async (event) => ({ event, hidden: await isHiddenEvent(meta.scopes, principal, event) })),
    )
    const last = events.at(-1)?.index ?? 0
    const content = {
      head: await meta.log.head(size),
      origin: keys.origin,
      keyId: keys.log.publicKey.keyId,
      events: shown,
      older: last > 0 ? last : undefined,
    }
    return sendPage(reply, logPage(content))
  })

  const one = { ...pageSchema('an entry of the log'), params: z.object({ index }) }
  app.get('/log/:index', { config, schema: one }, async ({ params, principal }, reply) => {
    const [event] = await meta.log.events(params.index, 1)
    if (!event || (await isHiddenEvent(meta.scopes, principal, event)))
      throw new Problem('not_found', `Cannot find entry ${params.index} of the log`)
    return sendPage(reply, logEntryPage(event, await meta.log.size()))
  })
}
