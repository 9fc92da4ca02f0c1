import { nameLabel, searchParameters } from '@ingot/manifest'
import { z } from 'zod'
import { userOf, type Principal } from '../../access/principal.ts'
import { sightOf } from '../../access/sight.ts'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { MetaStore } from '../../storage/meta-store.ts'
import type { Registry } from '../../registry.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { scopePage, type ScopeContent } from './scope-page.ts'

/** Modules that one page lists. */
const pageModules = 50

/** `/@s`: a scope. */
export function scopePageRoutes(app: App, { meta }: Registry): void {
  const schema = {
    ...pageSchema('a scope, and its modules'),
    params: z.object({ scope: nameLabel }),
    querystring: searchParameters.pick({ cursor: true }),
  }
  app.get('/@:scope', { config: { action: 'scope.read' }, schema }, async ({ params, query, principal }, reply) => {
    const name = `@${params.scope}`
    const scope = await meta.scopes.find(name)
    const asked = searchParameters.parse({ sort: 'name', limit: pageModules, ...query })
    const modules = await meta.search.search(asked, await sightOf(meta.scopes, principal), new Set([name]))
    if (!scope && modules.total === 0) throw new Problem('not_found', `Cannot find the scope "${name}"`)
    return sendPage(
      reply,
      scopePage({
        name,
        scope,
        proofs: await meta.proofs.standing(name),
        modules,
        members: await shownMembers(meta, name),
        role: await roleOf(meta, principal, name),
      }),
    )
  })
}

/** Who belongs to it; who was invited only does not yet. */
async function shownMembers({ scopes }: MetaStore, scope: string): Promise<ScopeContent['members']> {
  return (await scopes.members(scope)).filter(({ acceptedAt }) => acceptedAt !== null)
}

/** What the reader is in it. */
async function roleOf({ scopes }: MetaStore, principal: Principal, scope: string): Promise<ScopeContent['role']> {
  const user = userOf(principal)
  return user && scopes.roleOf(scope, user.id)
}
