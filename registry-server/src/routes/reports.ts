import { newReport, reportDescription, reportState } from '@ingot/manifest'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mayRead } from '../access/authorize.ts'
import { authorOf, userOf } from '../access/principal.ts'
import type { App } from '../api/zod-routes.ts'
import { takeAddressLimit } from '../limits/limits.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'

const pageMax = 50

const params = z.object({ report: z.uuid() })
const listQuery = z.strictObject({
  state: reportState.default('open'),
  /** Id of the last report that the reader has seen. */
  after: z.uuid().optional(),
})
const decision = z.strictObject({ state: reportState, note: z.string().trim().max(2_000).nullable().default(null) })

/** Reports of modules that do harm: anybody makes them, those who run the registry decide (registry.md §2.5). */
export function reportRoutes(app: App, registry: Registry): void {
  const { reports } = registry.meta
  const create = {
    summary: 'Reports a module that does harm to those who run the registry',
    body: newReport,
    response: { 201: z.object({ id: z.string() }) },
  }
  app.post('/api/v1/reports', { config: { action: 'report.create' }, schema: create }, async (request, reply) => {
    await wantThere(registry, request)
    await takeAddressLimit(registry, 'report', request.ip, reply)
    return reply.code(201).send({ id: await add(registry, request) })
  })
  const list = {
    summary: 'Reports, the oldest first',
    querystring: listQuery,
    response: { 200: z.object({ reports: z.array(reportDescription) }) },
  }
  app.get('/api/v1/reports', { config: { action: 'report.read' }, schema: list }, async ({ query }) => ({
    reports: await reports.list(query.state, query.after, pageMax, registry.clock()),
  }))
  const response = { 200: reportDescription }
  const one = { summary: 'A report', params, response }
  app.get('/api/v1/reports/:report', { config: { action: 'report.read' }, schema: one }, async (request) =>
    wanted(await reports.find(request.params.report, registry.clock())),
  )
  const decide = { summary: 'Decides about a report, or opens it again', params, body: decision, response }
  app.patch('/api/v1/reports/:report', { config: { action: 'report.decide' }, schema: decide }, async (request) => {
    const author = authorOf(request.principal, request.ip)
    return wanted(await reports.decide(request.params.report, request.body, author, registry.clock()))
  })
}

/** @throws Problem: of what somebody cannot see it is the one for what is not there. */
async function wantThere({ meta }: Registry, request: FastifyRequest): Promise<void> {
  const { module, version } = request.body as z.infer<typeof newReport>
  const seen = await mayRead(meta.scopes, request.principal, { module })
  const found =
    seen && (version === undefined ? await meta.log.lastOf(module) : await meta.versions.find(module, version))
  if (found !== undefined && found !== false) return
  const key = version === undefined ? module : `${module}@${version}`
  throw new Problem('not_found', `Cannot report "${key}": there is none, or none that you may see`)
}

async function add({ meta, clock }: Registry, { principal, body, ip }: FastifyRequest): Promise<string> {
  const user = userOf(principal)
  // Addresses of those who do not say who they are stand nowhere.
  const author = principal.kind === 'anonymous' ? { actor: 'anonymous', token: null, ip: '' } : authorOf(principal, ip)
  const id = await meta.reports.add(body as z.infer<typeof newReport>, user, author, clock())
  if (id !== undefined) return id
  throw new Problem(
    'quota',
    'Cannot take the report: many about this module wait already, and somebody will look at them',
  )
}

function wanted<T>(report: T | undefined): T {
  if (report !== undefined) return report
  throw new Problem('not_found', 'Cannot find the report')
}
