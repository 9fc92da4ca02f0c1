import { searchParameters } from '@ingot/manifest'
import { rootFingerprint } from '@ingot/trust'
import type { FastifyReply } from 'fastify'
import { sightOf } from '../access/sight.ts'
import { media, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from '../routes/cache-control.ts'
import { moduleOf, moduleParams, versionParams } from '../routes/module-params.ts'
import { newestVersion } from '../storage/meta/newest-version.ts'
import { assets } from './assets.ts'
import { homePage } from './home-page.ts'
import { modulePage } from './module-page.ts'
import { problemPage } from './problem-page.ts'

/** Nothing is loaded but our own sheet, script and icon; nothing inline runs; nobody frames us. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The pages for people, and what they load. */
export function pageRoutes(app: App, registry: Registry): void {
  const response = { 200: media('text/html') }
  const home = { summary: 'Page: modules by words', response }
  app.get('/', { config: { action: 'registry.read' }, schema: home }, async (request, reply) => {
    const parameters = searchParameters.safeParse(request.query).data ?? searchParameters.parse({})
    const sight = await sightOf(registry.meta.scopes, request.principal)
    const found = await registry.meta.search.search(parameters, sight)
    return sendPage(reply, homePage({ query: parameters.q, ...found }))
  })
  const config = { action: 'module.read' } as const
  const newest = { summary: 'Page: the newest version of a module', params: moduleParams, response }
  app.get('/@:scope/:name', { config, schema: newest }, (request, reply) =>
    sendModule(registry, reply, moduleOf(request.params)),
  )
  const version = { summary: 'Page: a version', params: versionParams, response }
  app.get('/@:scope/:name/:version', { config, schema: version }, (request, reply) =>
    sendModule(registry, reply, moduleOf(request.params), request.params.version),
  )
  for (const { path, type, content } of Object.values(assets)) {
    app.get(path, { config: { action: 'registry.read' } }, (_request, reply) =>
      reply.header('cache-control', cacheControl.immutable).type(type).send(content),
    )
  }
}

async function sendModule(
  registry: Registry,
  reply: FastifyReply,
  module: string,
  version?: string,
): Promise<FastifyReply> {
  const versions = await registry.meta.versions.list(module)
  const latest = newestVersion(versions)
  const shown = latest && (await registry.meta.versions.find(module, version ?? latest.version))
  if (!latest || !shown)
    throw new Problem('not_found', `Cannot find ${version === undefined ? module : `${module} ${version}`}`)
  const { url, keys } = registry
  const content = {
    shown,
    versions,
    latest: latest.version,
    registryUrl: url,
    publishKeyId: keys.publish.publicKey.keyId,
    rootFingerprint: rootFingerprint(keys.root),
  }
  return sendPage(reply, modulePage(content))
}

export function sendProblemPage(reply: FastifyReply, problem: Problem): FastifyReply {
  return sendPage(reply.code(problem.status), problemPage(problem), 'no-store')
}

function sendPage(reply: FastifyReply, text: string, caching: string = cacheControl.page): FastifyReply {
  return reply
    .header('cache-control', caching)
    .header('content-security-policy', contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(text)
}
