import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry } from '../registry.ts'
import { actions, type ActionName } from './actions.ts'
import { authorize, type Target } from './authorize.ts'
import { Identifier } from './identify.ts'
import { anonymous, type Principal } from './principal.ts'
import { wantOwnOrigin } from './want-own-origin.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does (`access/actions.ts`): who may is decided by it before the body is read. */
    action?: ActionName
  }
  interface FastifyRequest {
    principal: Principal
  }
}

/**
 * Makes every route of a server, from here on, one that the table of actions decides about. The scope and the module are
 * those of the path's `:scope` and `:name`.
 * @throws when a route is added that names no action.
 */
export function guardRoutes(app: FastifyInstance, registry: Registry): void {
  const identifier = new Identifier(registry.meta)
  // Set for each request; until then there is nobody.
  app.decorateRequest('principal')
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.action === undefined || !(config.action in actions)) {
      throw new Error(`Cannot serve ${String(method)} ${url}: it names no action of access/actions.ts`)
    }
  })
  app.addHook('onRequest', async (request) => {
    request.principal = anonymous
    if (request.is404) return
    request.principal = await identifier.identify(request, new Date())
    wantOwnOrigin(request, registry.url)
    await authorize(registry.meta.scopes, request.principal, request.routeOptions.config.action!, targetOf(request))
  })
  // What one person was given because of who they are is for no cache that others share.
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode === 404) reply.header('cache-control', 'no-store')
    if (request.principal.kind === 'anonymous') return
    const given = String(reply.getHeader('cache-control') ?? 'private, no-cache')
    reply.header('cache-control', given.replace(/\bpublic\b/, 'private'))
    reply.header('vary', 'Authorization, Cookie')
  })
}

function targetOf({ params }: FastifyRequest): Target {
  const { scope, name, version } = params as { scope?: string; name?: string; version?: string }
  if (scope === undefined) return {}
  return name === undefined ? { scope: `@${scope}` } : { scope: `@${scope}`, module: `@${scope}/${name}`, version }
}
