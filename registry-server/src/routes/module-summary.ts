import { indexHead, indexLine } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

/** `GET /api/v1/modules/@s/n`: a module's index as one JSON document, for those who only want to look. */
export function moduleSummaryRoutes(app: App, registry: Registry): void {
  const schema = {
    summary: 'What is listed of a module',
    params: moduleParams,
    response: { 200: z.object({ head: indexHead, versions: z.array(indexLine) }) },
  }
  app.get('/api/v1/modules/@:scope/:name', { config: { action: 'module.read' }, schema }, async (request, reply) => {
    const found = await registry.indexes.index(moduleOf(request.params))
    if (!found) throw new Problem('not_found', 'Cannot find the module')
    const [head, ...versions] = found.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    return reply.header('cache-control', cacheControl.index).send({ head, versions })
  })
}
