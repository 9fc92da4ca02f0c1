import { indexLine } from '@ingot/manifest'
import { z } from 'zod'
import { IndexRenderer } from '../log/index-renderer.ts'
import type { App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

/** What Renovate's custom datasources read. */
const releases = z.object({
  releases: z.array(
    z.object({
      version: z.string(),
      releaseTimestamp: z.string(),
      isDeprecated: z.boolean(),
      sourceUrl: z.string().optional(),
    }),
  ),
})

/** `GET /compat/renovate/@s/n.json`: versions that may be chosen, for Renovate's custom datasources. */
export function renovateRoutes(app: App, registry: Registry): void {
  const renderer = new IndexRenderer(registry)
  const schema = {
    summary: "A module's versions for Renovate's custom datasources",
    params: moduleParams,
    response: { 200: releases },
  }
  app.get(
    '/compat/renovate/@:scope/:name.json',
    { config: { action: 'module.read' }, schema },
    async (request, reply) => {
      const module = moduleOf(request.params)
      const found = await renderer.index(module)
      if (!found) throw new Problem('not_found', 'Cannot find the module: nothing of this name has been published')
      const source = (await registry.meta.versions.list(module)).at(-1)?.manifest.source
      const lines = found.text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => indexLine.parse(JSON.parse(line)))
      // What was yanked or taken away is no update for anybody.
      const active = lines.filter(({ status }) => status === 'active')
      const answer: z.infer<typeof releases> = {
        releases: active.map(({ v, published, deprecated }) => ({
          version: v,
          releaseTimestamp: published,
          isDeprecated: typeof deprecated === 'string',
          ...(source !== undefined && { sourceUrl: source }),
        })),
      }
      return reply.header('cache-control', cacheControl.index).send(answer)
    },
  )
}
