import { searchParameters } from '@ingot/manifest'
import { z } from 'zod'
import { mayRead } from '../../access/authorize.ts'
import { sightOf } from '../../access/sight.ts'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { userPage } from './user-page.ts'

/** Modules that one page lists. */
const pageModules = 50

/** `/~name`: somebody, as everybody may know them. */
export function userPageRoutes(app: App, { meta }: Registry): void {
  const schema = {
    ...pageSchema('somebody, their scopes and what those publish'),
    params: z.object({ user: z.string().max(40) }),
    querystring: searchParameters.pick({ cursor: true }),
  }
  app.get('/~:user', { config: { action: 'registry.read' }, schema }, async ({ params, query, principal }, reply) => {
    const user = await meta.users.byName(params.user)
    if (!user || user.disabledAt !== undefined) throw new Problem('not_found', `Cannot find the user "${params.user}"`)
    const memberships = await meta.scopes.memberships(user.id)
    const open = await Promise.all(memberships.map(({ name }) => mayRead(meta.scopes, principal, { scope: name })))
    const scopes = memberships.filter((_, place) => open[place])
    const asked = searchParameters.parse({ sort: 'name', limit: pageModules, ...query })
    const within = new Set(scopes.map(({ name }) => name))
    const modules = await meta.search.search(asked, await sightOf(meta.scopes, principal), within)
    return sendPage(reply, userPage({ name: user.name, since: user.createdAt, scopes, modules }))
  })
}
