import { nameLabel, scopeOf, searchParameters } from '@ingot/manifest'
import { z } from 'zod'
import { sightOf } from '../../access/sight.ts'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { scopePage } from './scope-page.ts'

/** Modules that one page lists. */
const modulesMax = 100

/** `/@s`: a scope. */
export function scopePageRoutes(app: App, { meta }: Registry): void {
  const schema = { ...pageSchema('a scope, and its modules'), params: z.object({ scope: nameLabel }) }
  app.get('/@:scope', { config: { action: 'scope.read' }, schema }, async ({ params, principal }, reply) => {
    const name = `@${params.scope}`
    const scope = await meta.scopes.find(name)
    const query = searchParameters.parse({ q: name, limit: modulesMax })
    const found = await meta.search.search(query, await sightOf(meta.scopes, principal))
    const items = found.items.filter((item) => scopeOf(item.name) === name).sort((a, b) => (a.name < b.name ? -1 : 1))
    if (!scope && items.length === 0) throw new Problem('not_found', `Cannot find the scope "${name}"`)
    return sendPage(
      reply,
      scopePage({ name, scope, proofs: await meta.proofs.standing(name), modules: { items, total: items.length } }),
    )
  })
}
