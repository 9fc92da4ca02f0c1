import { Readable } from 'node:stream'
import { nameLabel } from '@ingot/manifest'
import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import type { Registry } from '../registry.ts'
import type { AuditQuery } from '../storage/meta/audit-store.ts'
import { cacheControl } from './cache-control.ts'

const pageMax = 200

const query = z.object({
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  /** `seq` of the last entry that the reader has seen. */
  after: z.coerce.number().int().min(-1).default(-1),
  /** `ndjson`: all of it, one entry a line. */
  format: z.enum(['json', 'ndjson']).default('json'),
})

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
  const send = async (asked: AuditQuery, format: 'json' | 'ndjson') => {
    if (format === 'ndjson') return { type: 'application/x-ndjson', body: Readable.from(lines(registry, asked)) }
    const entries = await registry.meta.audit.page(asked, pageMax)
    return { type: 'application/json', body: JSON.stringify({ entries, next: entries.at(-1)?.seq ?? asked.after }) }
  }
  app.get(
    '/api/v1/audit',
    { config: { action: 'registry.audit' }, schema: { summary: 'Who did what', querystring: query, response } },
    async (request, reply) => {
      const { format, ...asked } = request.query
      const { type, body } = await send(asked, format)
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
      const { format, ...asked } = request.query
      const { type, body } = await send({ ...asked, scope: `@${request.params.scope}` }, format)
      return reply.header('cache-control', cacheControl.events).type(type).send(body)
    },
  )
}

async function* lines({ meta }: Registry, asked: AuditQuery): AsyncGenerator<string> {
  let { after } = asked
  for (;;) {
    const entries = await meta.audit.page({ ...asked, after }, pageMax)
    for (const entry of entries) yield `${JSON.stringify(entry)}\n`
    if (entries.length < pageMax) return
    after = entries.at(-1)!.seq
  }
}
