import type { FastifyInstance, FastifyReply } from 'fastify'
import { readFileSync } from 'node:fs'
import type { CollectorView } from '../http/view.ts'
import { componentPage } from './component-page.ts'
import type { Html } from './html.ts'
import { overviewPage } from './overview-page.ts'

const asset = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const assets = [
  { path: '/ui/style.css', type: 'text/css; charset=utf-8', text: asset('./assets/style.css') },
  { path: '/ui/live.js', type: 'text/javascript; charset=utf-8', text: asset('./assets/live.js') },
] as const

/** Only our own style and script; nothing inline, nothing from elsewhere. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The pages: all components at `/`, one component at `/component/<id>`. They work without JavaScript; with it the figures move. */
export function registerPages(app: FastifyInstance, view: CollectorView, prefix: string): void {
  for (const { path, type, text } of assets) app.get(path, async (_request, reply) => reply.type(type).send(text))
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
