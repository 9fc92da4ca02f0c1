import { Readable } from 'node:stream'
import { nameLabel } from '@ingot/manifest'
import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import type { Registry } from '../registry.ts'
import type { AuditQuery } from '../storage/meta/audit-store.ts'
import { cacheControl } from './cache-control.ts'

const pageMax = 200
const dayMs = 24 * 3_600_000

/** Fields of a form that were left empty ask for nothing. */
const filled = (schema: z.ZodType<string>) =>
  z.preprocess((given) => (given === '' ? undefined : given), schema.optional())

/** What entries are wanted; of days, those at both ends are included. */
export const auditFilter = z.object({
  actor: filled(z.string().max(200)),
  action: filled(z.string().max(100)),
  from: filled(z.iso.date()),
  to: filled(z.iso.date()),
})

const query = auditFilter.extend({
  /** `seq` of the last entry that the reader has seen. */
  after: z.coerce.number().int().min(-1).default(-1),
  /** `ndjson`: all of it, one entry a line. */
  format: z.enum(['json', 'ndjson']).default('json'),
})

/** Of the whole trail one may want a scope's. */
const queryOfAll = query.extend({ scope: filled(z.string().max(50)) })

/** What the trail is asked for: times instead of days. */
export function auditQueryOf({
  to,
  ...filter
}: z.output<typeof auditFilter> & { scope?: string | undefined }): AuditQuery {
  return { ...filter, to: to === undefined ? undefined : new Date(Date.parse(to) + dayMs).toISOString() }
}

const answer = z.object({
  entries: z.array(
    z.object({
      seq: z.int(),
      at: z.string(),
      actor: z.string(),
      token: z.string().nullable(),
      ip: z.string(),
      action: z.string(),
      subject: z.string(),
      before: z.unknown(),
      after: z.unknown(),
      prevHash: z.string(),
      hash: z.string(),
    }),
  ),
  next: z.int(),
})

/** `GET /api/v1/audit`: who did what, for those who run the registry; of a scope, for its owners. */
export function auditRoutes(app: App, registry: Registry): void {
  const response = { 200: z.union([answer, media('application/x-ndjson')]) }
  const send = async ({ after, format, ...filter }: z.output<typeof queryOfAll>) => {
    const asked = auditQueryOf(filter)
    if (format === 'ndjson') return { type: 'application/x-ndjson', body: Readable.from(lines(registry, asked, after)) }
    const entries = await registry.meta.audit.page(asked, { after }, pageMax)
    return { type: 'application/json', body: JSON.stringify({ entries, next: entries.at(-1)?.seq ?? after }) }
  }
  app.get(
    '/api/v1/audit',
    { config: { action: 'registry.audit' }, schema: { summary: 'Who did what', querystring: queryOfAll, response } },
    async (request, reply) => {
      const { type, body } = await send(request.query)
      return reply.header('cache-control', cacheControl.events).type(type).send(body)
    },
  )
  app.get(
    '/api/v1/scopes/@:scope/audit',
    {
      config: { action: 'audit.read' },
      schema: {
        summary: 'Who did what in a scope',
        params: z.object({ scope: nameLabel }),
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const { type, body } = await send({ ...request.query, scope: `@${request.params.scope}` })
      return reply.header('cache-control', cacheControl.events).type(type).send(body)
    },
  )
}

async function* lines({ meta }: Registry, asked: AuditQuery, from: number): AsyncGenerator<string> {
  for (let after = from; ;) {
    const entries = await meta.audit.page(asked, { after }, pageMax)
    for (const entry of entries) yield `${JSON.stringify(entry)}\n`
    if (entries.length < pageMax) return
    after = entries.at(-1)!.seq
  }
}
