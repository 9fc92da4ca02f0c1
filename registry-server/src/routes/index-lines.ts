import { EncodedTexts } from '../answers/encoded-texts.ts'
import { sendText } from '../answers/send-text.ts'
import { media, nothing, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

/** `GET /index/@s/n.ndjson`: all versions of a module in one cheap request; `.sig`: that it is the current one. */
export function indexRoutes(app: App, registry: Registry): void {
  const encoded = new EncodedTexts()

  const config = { action: 'module.read' } as const
  const index = {
    summary: 'Every version of a module, one a line',
    params: moduleParams,
    response: { 200: media('application/x-ndjson'), 304: nothing },
  }
  app.get('/index/@:scope/:name.ndjson', { config, schema: index }, async (request, reply) => {
    const { etag, text } = wanted(await registry.indexes.index(moduleOf(request.params)))
    reply.header('cache-control', cacheControl.index)
    return sendText(request, reply, encoded, { etag, text, type: 'application/x-ndjson' })
  })

  const signature = {
    summary: 'The signature of the index, valid for a day',
    params: moduleParams,
    response: { 200: media('application/json') },
  }
  app.get('/index/@:scope/:name.sig', { config, schema: signature }, async (request, reply) => {
    const envelope = wanted(await registry.indexes.signature(moduleOf(request.params), registry.clock()))
    return reply.header('cache-control', cacheControl.index).send(envelope)
  })
}

function wanted<T>(found: T | undefined): T {
  if (found === undefined)
    throw new Problem('not_found', 'Cannot find the module: nothing of this name has been published')
  return found
}
