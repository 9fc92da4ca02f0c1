import { z } from 'zod'
import type { App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

const dayMs = 24 * 3_600_000
const daysMax = 366
const daysDefault = 30

const query = z.object({
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  by: z.enum(['day', 'version']).default('day'),
})
const counts = { direct: z.int(), ci: z.int(), mirror: z.int() }
const answer = z.object({
  from: z.string(),
  to: z.string(),
  total: z.int(),
  days: z.array(z.object({ day: z.string(), ...counts })).optional(),
  versions: z.array(z.object({ version: z.string(), ...counts })).optional(),
})

/** `GET /api/v1/modules/@s/n/downloads`: how often a module was fetched, by day or by version. */
export function downloadRoutes(app: App, registry: Registry): void {
  const schema = {
    summary: 'How often a module was downloaded',
    params: moduleParams,
    querystring: query,
    response: { 200: answer },
  }
  app.get(
    '/api/v1/modules/@:scope/:name/downloads',
    { config: { action: 'module.read' }, schema },
    async (request, reply) => {
      const { by, ...asked } = request.query
      const to = asked.to ?? new Date().toISOString().slice(0, 10)
      const from = asked.from ?? new Date(Date.parse(to) - (daysDefault - 1) * dayMs).toISOString().slice(0, 10)
      const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1
      if (!(days >= 1 && days <= daysMax)) {
        throw new Problem('request_invalid', `Cannot count from ${from} to ${to}: want 1 to ${daysMax} days`)
      }
      const rows = await registry.meta.downloads.ofModule(moduleOf(request.params), { from, to })
      const groups = new Map<string, { direct: number; ci: number; mirror: number }>()
      for (const { version, day, class: kind, count } of rows) {
        const key = by === 'day' ? day : version
        const group = groups.get(key) ?? { direct: 0, ci: 0, mirror: 0 }
        group[kind] += count
        groups.set(key, group)
      }
      const total = rows.reduce((sum, { count }) => sum + count, 0)
      const listed =
        by === 'day'
          ? { days: [...groups].map(([day, group]) => ({ day, ...group })) }
          : { versions: [...groups].map(([version, group]) => ({ version, ...group })) }
      return reply.header('cache-control', cacheControl.search).send({ from, to, total, ...listed })
    },
  )
}
