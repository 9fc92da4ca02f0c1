import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../api/zod-routes.ts'
import type { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from '../routes/cache-control.ts'
import { assets } from './assets/assets.ts'
import { Highlighter } from '../files/highlighter.ts'
import { accountPageRoutes } from './account/account-routes.ts'
import { signInPageRoutes } from './account/sign-in-routes.ts'
import { adminRoutes } from './admin/admin-routes.ts'
import { apiPageRoutes } from './api/api-page-routes.ts'
import { scopeAuditRoutes } from './audit/scope-audit-routes.ts'
import { compareRoutes } from './compare/compare-routes.ts'
import { diffRoutes } from './diff/diff-routes.ts'
import { machineRoutes } from './feeds/machine-routes.ts'
import { readForms } from './forms/read-forms.ts'
import { withdrawRoutes } from './module/withdraw-routes.ts'
import { settingsRoutes } from './scope/settings-routes.ts'
import { trustFormRoutes } from './scope/trust-routes.ts'
import { homePage } from './home/home-page.ts'
import { HomeReader } from './home/read-home.ts'
import { logPageRoutes } from './log/log-page-routes.ts'
import { moduleRoutes } from './module/module-routes.ts'
import { pageSchema } from './page-schema.ts'
import { problemPage } from './problem-page.ts'
import { scopePageRoutes } from './scope/scope-routes.ts'
import { searchPageRoutes } from './search/search-page-routes.ts'
import { stagePageRoutes } from './stages/stage-page-routes.ts'
import { userPageRoutes } from './user/user-routes.ts'
import { reportPageRoutes } from './reports/report-page-routes.ts'
import { sendPage } from './send-page.ts'
import { webhookPageRoutes } from './webhooks/webhook-page-routes.ts'

/** The pages for people, and what they load. */
export function pageRoutes(app: App, registry: Registry): void {
  const config = { action: 'registry.read' } as const
  const home = new HomeReader(registry)
  const highlighter = new Highlighter()
  app.addHook('onClose', () => highlighter.close())
  app.get('/', { config, schema: pageSchema('what there is, and what is new') }, async (_request, reply) =>
    sendPage(reply, homePage(await home.read())),
  )
  readForms(app)
  signInPageRoutes(app)
  accountPageRoutes(app)
  adminRoutes(app, registry)
  settingsRoutes(app)
  scopeAuditRoutes(app, registry)
  trustFormRoutes(app)
  withdrawRoutes(app, registry)
  stagePageRoutes(app, registry)
  webhookPageRoutes(app)
  reportPageRoutes(app, registry)
  searchPageRoutes(app, registry)
  moduleRoutes(app, registry, highlighter)
  diffRoutes(app, registry)
  scopePageRoutes(app, registry)
  userPageRoutes(app, registry)
  logPageRoutes(app, registry)
  compareRoutes(app, registry)
  machineRoutes(app, registry)
  apiPageRoutes(app)
  for (const { path, type, content } of Object.values(assets)) {
    app.get(path, { config }, (_request, reply) =>
      reply.header('cache-control', cacheControl.immutable).type(type).send(content),
    )
  }
}

/** Who must sign in, or show a second factor, is led there and back. */
export function sendProblemPage(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const signIn = { token_missing: '/sign-in', sign_in_again: '/sign-in', second_factor: '/sign-in/second-factor' }[
    problem.code as string
  ]
  if (signIn !== undefined && !request.url.startsWith('/sign-in')) {
    const next =
      request.method === 'GET' ? request.url : new URL(request.headers.referer ?? '/account', 'http://here').pathname
    return reply.header('cache-control', 'no-store').redirect(`${signIn}?next=${encodeURIComponent(next)}`, 303)
  }
  return sendPage(reply.code(problem.status), problemPage(problem), 'no-store')
}
