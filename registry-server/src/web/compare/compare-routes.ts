import { moduleName } from '@ingot/manifest'
import { z } from 'zod'
import { mayRead } from '../../access/authorize.ts'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { readModule } from '../module/read-module.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { comparedMax, comparePage } from './compare-page.ts'

const query = z.object({
  module: z
    .preprocess(
      (given) => (given === undefined ? [] : Array.isArray(given) ? given : [given]),
      z.array(z.string().max(100)).max(2 * comparedMax),
    )
    .describe('Two to four modules.'),
})

/** `/compare?module=@a/b&module=@c/d`. */
export function compareRoutes(app: App, registry: Registry): void {
  const schema = { ...pageSchema('modules beside each other'), querystring: query }
  app.get('/compare', { config: { action: 'registry.read' }, schema }, async ({ query, principal }, reply) => {
    const wanted = [...new Set(query.module.filter((name) => moduleName.safeParse(name).success))].slice(0, comparedMax)
    const found = await Promise.all(
      wanted.map(async (name) => {
        if (!(await mayRead(registry.meta.scopes, principal, { module: name }))) return []
        return registry.indexes.index(name).then(async (index) => (index ? [await readModule(registry, name)] : []))
      }),
    )
    return sendPage(reply, comparePage(wanted, found.flat()))
  })
}
