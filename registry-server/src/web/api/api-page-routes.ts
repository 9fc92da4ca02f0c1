import type { App } from '../../api/zod-routes.ts'
import { cacheControl } from '../../routes/cache-control.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { apiPage, type ApiDocument } from './api-page.ts'

export function apiPageRoutes(app: App): void {
  let text: string | undefined
  app.get('/api', { config: { action: 'registry.read' }, schema: pageSchema('the API') }, async (_request, reply) => {
    text ??= apiPage((await app.inject('/api/v1/openapi.json')).json<ApiDocument>())
    return sendPage(reply, text, cacheControl.page)
  })
}
