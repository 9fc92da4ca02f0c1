import { searchParameters } from '@ingot/manifest'
import { sightOf } from '../../access/sight.ts'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { searchPage } from './search-page.ts'

export function searchPageRoutes(app: App, { meta }: Registry): void {
  const schema = { ...pageSchema('modules by words and facets'), querystring: searchParameters }
  app.get('/search', { config: { action: 'registry.read' }, schema }, async ({ query, principal }, reply) => {
    const answer = await meta.search.search(query, await sightOf(meta.scopes, principal))
    return sendPage(reply, searchPage(query, answer))
  })
}
