import { moduleName, moduleVersion } from '@ingot/manifest'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import { foldName } from '../../publish/fold-name.ts'
import type { Registry } from '../../registry.ts'
import { auditTrail } from '../audit/audit-trail.ts'
import { auditPageQuery, readAudit } from '../audit/read-audit.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { adminFrame } from './admin-frame.ts'
import { jobsPage } from './jobs-page.ts'
import { keysPage } from './keys-page.ts'
import { mirrorsPage } from './mirrors-page.ts'
import { overviewPage } from './overview-page.ts'
import { quarantinePage } from './quarantine-page.ts'
import { quarantinedMax, readFacts } from './read-facts.ts'
import { waitingPage } from './waiting-page.ts'

/** Jobs that one page lists. */
const jobsMax = 100

const config = { action: 'registry.run' } as const

/** `/admin…`: for those who run the registry, and nothing for anybody else. */
export function adminRoutes(app: App, registry: Registry): void {
  const { meta, mirrors, keys } = registry
  const read = (path: string, summary: string, render: () => Promise<string>): void => {
    app.get(path, { config, schema: pageSchema(summary) }, async (_request, reply) =>
      sendPage(reply, await render(), 'no-store'),
    )
  }
  read('/admin', 'how it is with the registry', async () => overviewPage(await readFacts(registry)))
  read('/admin/waiting', 'versions of all scopes that wait', async () => {
    const stages = await meta.stages.waiting()
    const versions = stages.map(async (stage) => {
      const held = stage.reasons.includes('near_name')
      return { stage, near: held ? await meta.versions.nearNames(stage.module, foldName(stage.module)) : [] }
    })
    return waitingPage(await Promise.all(versions))
  })
  read('/admin/jobs', 'what is still to be done', async () =>
    jobsPage(await meta.outbox.depth(), await meta.outbox.waiting(jobsMax)),
  )
  read('/admin/mirrors', 'registries that are read through this one', async () => mirrorsPage(await mirrors.states()))
  read('/admin/keys', 'keys, and what is about to change of them', async () => keysPage(keys, await keys.rotation()))
  quarantineRoutes(app, registry)
  auditRoute(app, registry)
}

const quarantineBody = z.object({
  module: z.string().max(100),
  version: z.string().max(128),
  reason: z.string().max(500),
  do: z.enum(['quarantine', 'release']),
})

function quarantineRoutes(app: App, { meta }: Registry): void {
  const path = '/admin/quarantine'
  const list = pageSchema('versions in quarantine')
  app.get(path, { config, schema: list }, async (_request, reply) =>
    sendPage(reply, quarantinePage({ versions: await meta.versions.quarantined(quarantinedMax) }), 'no-store'),
  )
  const write = { ...pageSchema('begins or ends a quarantine'), body: quarantineBody }
  app.post(path, { config, schema: write }, async (request, reply) => {
    const { do: change, reason, ...about } = request.body
    try {
      const { module, version } = wanted(about)
      await askApi(request, 'POST', `/api/v1/modules/${module}/versions/${version}/${change}`, { reason })
      return await reply.header('cache-control', 'no-store').redirect(path, 303)
    } catch (error) {
      // A factor is shown first, and then the form is there again.
      if (!(error instanceof Problem) || error.code === 'second_factor') throw error
      const versions = await meta.versions.quarantined(quarantinedMax)
      const content = { versions, problem: error, ...(change === 'quarantine' && { form: { ...about, reason } }) }
      return sendRefused(reply, error, quarantinePage(content))
    }
  })
}

function sendRefused(reply: FastifyReply, { status }: Problem, text: string): FastifyReply {
  return sendPage(reply.code(status), text, 'no-store')
}

/** @throws Problem when it cannot be a version of a module. */
function wanted({ module, version }: { module: string; version: string }): { module: string; version: string } {
  const parsed = z.object({ module: moduleName, version: moduleVersion }).safeParse({ module, version })
  if (parsed.success) return parsed.data
  const why = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new Problem('request_invalid', `Cannot find "${module}@${version}": ${why}`)
}

function auditRoute(app: App, { meta }: Registry): void {
  const schema = {
    ...pageSchema('who did what'),
    querystring: auditPageQuery.extend({ scope: z.string().max(50).optional() }),
  }
  app.get('/admin/audit', { config, schema }, async ({ query }, reply) => {
    const scope = query.scope === '' ? undefined : query.scope
    const { before: _, ...form } = query
    const trail = auditTrail({
      path: '/admin/audit',
      exportPath: '/api/v1/audit',
      form: { ...form, scope },
      ofAll: true,
      ...(await readAudit(meta, { ...query, scope })),
    })
    return sendPage(reply, adminFrame('audit', trail), 'no-store')
  })
}
