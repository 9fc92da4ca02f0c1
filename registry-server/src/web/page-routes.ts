import type { FastifyReply } from 'fastify'
import type { App } from '../api/zod-routes.ts'
import type { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from '../routes/cache-control.ts'
import { assets } from './assets/assets.ts'
import { apiPageRoutes } from './api/api-page-routes.ts'
import { compareRoutes } from './compare/compare-routes.ts'
import { diffRoutes } from './diff/diff-routes.ts'
import { machineRoutes } from './feeds/machine-routes.ts'
import { homePage } from './home/home-page.ts'
import { HomeReader } from './home/read-home.ts'
import { logPageRoutes } from './log/log-page-routes.ts'
import { moduleRoutes } from './module/module-routes.ts'
import { pageSchema } from './page-schema.ts'
import { problemPage } from './problem-page.ts'
import { scopePageRoutes } from './scope/scope-routes.ts'
import { searchPageRoutes } from './search/search-page-routes.ts'
import { sendPage } from './send-page.ts'

/** The pages for people, and what they load. */
export function pageRoutes(app: App, registry: Registry): void {
  const config = { action: 'registry.read' } as const
  const home = new HomeReader(registry)
  app.get('/', { config, schema: pageSchema('what there is, and what is new') }, async (_request, reply) =>
    sendPage(reply, homePage(await home.read())),
  )
  searchPageRoutes(app, registry)
  moduleRoutes(app, registry)
  diffRoutes(app, registry)
  scopePageRoutes(app, registry)
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

export function sendProblemPage(reply: FastifyReply, problem: Problem): FastifyReply {
  return sendPage(reply.code(problem.status), problemPage(problem), 'no-store')
}
