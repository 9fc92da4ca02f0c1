import type { Registry } from '../registry.ts'
import { cacheControl } from '../routes/cache-control.ts'
import { collectRoutes, openApiDocument } from './openapi.ts'
import { media, type App } from './zod-routes.ts'

/** `GET /api/v1/openapi.json`: what this server answers, from the routes themselves. Added before all others. */
export function openApiRoutes(app: App, registry: Registry): void {
  const routes = collectRoutes(app)
  let text: string | undefined
  app.get(
    '/api/v1/openapi.json',
    {
      config: { action: 'registry.read' },
      schema: { summary: 'This document', response: { 200: media('application/json') } },
    },
    (_request, reply) => {
      text ??= JSON.stringify(openApiDocument(routes, registry.url))
      return reply.header('cache-control', cacheControl.discovery).type('application/json').send(text)
    },
  )
}
