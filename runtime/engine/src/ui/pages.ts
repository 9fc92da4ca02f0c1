import type { FastifyInstance, FastifyReply } from 'fastify'
import type { CollectorView } from '../http/view.ts'
import { assets } from './assets.ts'
import { componentPage } from './component-page.ts'
import type { Html } from './html.ts'
import { overviewPage } from './overview-page.ts'

/** Pages name an asset with its digest, so that a new one has a new address. */
const foreverCached = 'public, max-age=31536000, immutable'

/** Only our own style and script; nothing inline, nothing from elsewhere. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The pages: all components at `/`, one component at `/component/<id>`. They work without JavaScript; with it the figures move. */
export function registerPages(app: FastifyInstance, view: CollectorView, prefix: string): void {
  for (const { path, type, text } of Object.values(assets)) {
    app.get(path, async (_request, reply) => reply.type(type).header('cache-control', foreverCached).send(text))
  }
  app.get('/', async (_request, reply) => sendPage(reply, overviewPage(view, prefix)))
  app.get<{ Params: { '*': string } }>('/component/*', async (request, reply) => {
    const detail = await view.component(request.params['*'])
    if (!detail) return reply.code(404).type('text/plain').send(`component "${request.params['*']}" does not exist\n`)
    return sendPage(reply, componentPage(detail, view.live(), prefix))
  })
}

function sendPage(reply: FastifyReply, page: Html): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', contentSecurityPolicy)
    .header('x-content-type-options', 'nosniff')
    .send(page.text)
}
