import { nameLabel, newWebhookAnswer, webhookDelivery, webhookDescription } from '@ingot/manifest'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ActionName } from '../../access/actions.ts'
import type { App } from '../../api/zod-routes.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { webhookPage, webhooksPage, type WebhookContent, type WebhooksOf } from './webhooks-page.ts'

const text = z.string().max(2048)
const createBody = z.object({
  url: text,
  description: text.optional(),
  events: z.preprocess((given) => (given === undefined ? [] : [given].flat()), z.array(text)),
})
const oneBody = z.object({
  do: z.enum(['ping', 'rotate', 'enable', 'disable', 'delete', 'replay']),
  delivery: z.string().max(100).optional(),
})

interface Place {
  readonly path: string
  readonly params: z.ZodObject
  readonly read: ActionName
  readonly write: ActionName
}

const places: readonly Place[] = [
  { path: '/@:scope/webhooks', params: z.object({ scope: nameLabel }), read: 'webhook.read', write: 'webhook.write' },
  { path: '/admin/webhooks', params: z.object({}), read: 'registry.webhook.read', write: 'registry.webhook.write' },
]

/** `/@s/webhooks` and `/webhooks`, and their forms: each does one thing by the JSON API. */
export function webhookPageRoutes(app: App): void {
  for (const { path, params, read, write } of places) {
    const list = { ...pageSchema('webhooks'), params }
    app.get(path, { config: { action: read }, schema: list }, async (request, reply) => {
      const { body } = await askApi(request, 'GET', apiOf(request))
      const { webhooks } = z.object({ webhooks: z.array(webhookDescription) }).parse(body)
      return sendPage(reply, webhooksPage(placeOf(request), webhooks), 'no-store')
    })
    const create = { ...pageSchema('makes a webhook'), params, body: createBody }
    app.post(path, { config: { action: write }, schema: create }, async (request, reply) => {
      const { body } = await askApi(request, 'POST', apiOf(request), request.body as z.infer<typeof createBody>)
      const { secret, ...webhook } = newWebhookAnswer.parse(body)
      return sendOne(request, reply, webhook.id, secret)
    })
    const one = { ...pageSchema('a webhook, and what it was told'), params: params.extend({ webhook: z.uuid() }) }
    app.get(`${path}/:webhook`, { config: { action: read }, schema: one }, async (request, reply) =>
      sendOne(request, reply, idIn(request)),
    )
    const change = { ...one, ...pageSchema('changes a webhook'), body: oneBody }
    app.post(`${path}/:webhook`, { config: { action: write }, schema: change }, async (request, reply) =>
      changeOne(request, reply, request.body as z.infer<typeof oneBody>),
    )
  }
}

async function changeOne(
  request: FastifyRequest,
  reply: FastifyReply,
  { do: change, delivery = '' }: z.infer<typeof oneBody>,
): Promise<FastifyReply> {
  const path = `${apiOf(request)}/${idIn(request)}`
  switch (change) {
    case 'delete':
      await askApi(request, 'DELETE', path)
      return reply.redirect(placeOf(request).path, 303)
    case 'rotate': {
      const { body } = await askApi(request, 'POST', `${path}/rotate`)
      return sendOne(request, reply, idIn(request), newWebhookAnswer.parse(body).secret)
    }
    case 'enable':
    case 'disable':
      await askApi(request, 'PATCH', path, { enabled: change === 'enable' })
      break
    case 'ping':
      await askApi(request, 'POST', `${path}/ping`)
      break
    case 'replay':
      await askApi(request, 'POST', `${path}/deliveries/${encodeURIComponent(delivery)}/replay`)
  }
  return reply.redirect(`${placeOf(request).path}/${idIn(request)}`, 303)
}

async function sendOne(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  secret?: string,
): Promise<FastifyReply> {
  const path = `${apiOf(request)}/${id}`
  const [webhook, deliveries] = await Promise.all([
    askApi(request, 'GET', path),
    askApi(request, 'GET', `${path}/deliveries`),
  ])
  const content: WebhookContent = {
    webhook: webhookDescription.parse(webhook.body),
    deliveries: z.object({ deliveries: z.array(webhookDelivery) }).parse(deliveries.body).deliveries,
    secret,
  }
  return sendPage(reply, webhookPage(placeOf(request), content), 'no-store')
}

function placeOf({ params }: FastifyRequest): WebhooksOf {
  const { scope } = params as { scope?: string }
  return scope === undefined ? { scope, path: '/admin/webhooks' } : { scope: `@${scope}`, path: `/@${scope}/webhooks` }
}

function apiOf({ params }: FastifyRequest): string {
  const { scope } = params as { scope?: string }
  return scope === undefined ? '/api/v1/webhooks' : `/api/v1/scopes/@${scope}/webhooks`
}

function idIn({ params }: FastifyRequest): string {
  return (params as { webhook: string }).webhook
}
