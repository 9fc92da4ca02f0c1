import { nameLabel, newWebhookAnswer, webhookDelivery, webhookDescription, webhookEvent } from '@ingot/manifest'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ActionName } from '../access/actions.ts'
import { authorOf } from '../access/principal.ts'
import { nothing, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { Delivery } from '../storage/meta/delivery-store.ts'
import { webhooksMax, type WebhookRecord } from '../storage/meta/webhook-store.ts'
import { newWebhookSecret } from '../webhooks/sign-delivery.ts'
import { wantWebhookUrl } from '../webhooks/want-webhook-url.ts'

const deliveriesMax = 100

const settings = {
  url: z.string().max(2048),
  description: z.string().trim().max(200),
  events: z.array(webhookEvent).min(1).max(webhookEvent.options.length),
}
const createBody = z.strictObject({ ...settings, description: settings.description.default('') })
const changeBody = z.strictObject({ ...settings, enabled: z.boolean() }).partial()

/** Whose webhooks: those of a scope, or of the registry. */
interface Place {
  readonly path: string
  readonly params: z.ZodObject
  readonly of: string
  readonly read: ActionName
  readonly write: ActionName
}

const places: readonly Place[] = [
  {
    path: '/api/v1/scopes/@:scope/webhooks',
    params: z.object({ scope: nameLabel }),
    of: 'a scope',
    read: 'webhook.read',
    write: 'webhook.write',
  },
  {
    path: '/api/v1/webhooks',
    params: z.object({}),
    of: 'the registry',
    read: 'registry.webhook.read',
    write: 'registry.webhook.write',
  },
]

/** Webhooks: whom the registry tells what has happened, and what came of it (registry.md §2.8). */
export function webhookRoutes(app: App, registry: Registry): void {
  for (const place of places) {
    listRoutes(app, registry, place)
    oneRoutes(app, registry, place)
    deliveryRoutes(app, registry, place)
  }
}

function listRoutes(app: App, registry: Registry, { path, params, of, read, write }: Place): void {
  const { webhooks } = registry.meta
  const list = {
    summary: `Webhooks of ${of}`,
    params,
    response: { 200: z.object({ webhooks: z.array(webhookDescription) }) },
  }
  app.get(path, { config: { action: read }, schema: list }, async (request) => ({
    webhooks: (await webhooks.list(scopeIn(request))).map(described),
  }))
  const create = {
    summary: `Makes a webhook of ${of}: its secret is shown this once, and it is pinged`,
    params,
    body: createBody,
    response: { 201: newWebhookAnswer },
  }
  app.post(path, { config: { action: write }, schema: create }, async (request, reply) => {
    const body = request.body as z.infer<typeof createBody>
    wantWebhookUrl(body.url, registry)
    const secret = newWebhookSecret()
    const made = await webhooks.create({ ...body, scope: scopeIn(request), secret }, timed(registry, request))
    if (!made) throw new Problem('quota', `Cannot make a webhook: found ${webhooksMax} of ${of}, want fewer`)
    return reply.code(201).send({ ...described(made), secret })
  })
}

function oneRoutes(app: App, registry: Registry, { path, params: of, read, write }: Place): void {
  const { webhooks } = registry.meta
  const params = of.extend({ webhook: z.uuid() })
  const response = { 200: webhookDescription }
  const one = `${path}/:webhook`
  app.get(one, { config: { action: read }, schema: { summary: 'A webhook', params, response } }, async (request) =>
    described(wanted(await webhooks.find(scopeIn(request), idIn(request)))),
  )
  const change = { summary: 'Changes a webhook, switches it off or on again', params, body: changeBody, response }
  app.patch(one, { config: { action: write }, schema: change }, async (request) => {
    const body = request.body as z.infer<typeof changeBody>
    if (body.url !== undefined) wantWebhookUrl(body.url, registry)
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
    return described(wanted(await webhooks.change(scopeIn(request), idIn(request), given, timed(registry, request))))
  })
  const remove = { summary: 'Removes a webhook and what it was told', params, response: { 204: nothing } }
  app.delete(one, { config: { action: write }, schema: remove }, async (request, reply) => {
    if (!(await webhooks.remove(scopeIn(request), idIn(request), timed(registry, request)))) throw absent()
    return reply.code(204).send()
  })
  const rotate = {
    summary: 'Makes another secret, shown this once; the one before is signed with for a day too',
    params,
    response: { 200: newWebhookAnswer },
  }
  app.post(`${one}/rotate`, { config: { action: write }, schema: rotate }, async (request) => {
    const secret = newWebhookSecret()
    return {
      ...described(wanted(await webhooks.rotate(scopeIn(request), idIn(request), secret, timed(registry, request)))),
      secret,
    }
  })
}

function deliveryRoutes(app: App, registry: Registry, { path, params: of, read, write }: Place): void {
  const { webhooks, deliveries } = registry.meta
  const params = of.extend({ webhook: z.uuid() })
  const one = `${path}/:webhook`
  const enabled = async (request: FastifyRequest): Promise<WebhookRecord> => {
    const webhook = wanted(await webhooks.find(scopeIn(request), idIn(request)))
    if (webhook.disabledAt === null) return webhook
    throw new Problem('webhook_disabled', `Cannot send: the webhook is disabled, as ${webhook.disabledBecause}`, {
      hint: 'enable it first',
    })
  }
  const list = {
    summary: 'What a webhook was told last, and is still to be told',
    params,
    response: { 200: z.object({ deliveries: z.array(webhookDelivery) }) },
  }
  app.get(`${one}/deliveries`, { config: { action: read }, schema: list }, async (request) => {
    const { id } = wanted(await webhooks.find(scopeIn(request), idIn(request)))
    return { deliveries: (await deliveries.list(id, deliveriesMax)).map(shown) }
  })
  const ping = { summary: 'Pings a webhook', params, response: { 202: z.object({ delivery: z.string() }) } }
  app.post(`${one}/ping`, { config: { action: write }, schema: ping }, async (request, reply) => {
    const { id } = await enabled(request)
    const delivery = await webhooks.ping(scopeIn(request), id, registry.clock().toISOString())
    if (delivery === undefined) throw absent()
    if (delivery === 'full') throw new Problem('quota', 'Cannot ping the webhook: too much waits for it already')
    return reply.code(202).send({ delivery })
  })
  const replay = {
    summary: 'Sends a delivery again, under the same id',
    params: params.extend({ delivery: z.string().max(100) }),
    response: { 202: webhookDelivery },
  }
  app.post(
    `${one}/deliveries/:delivery/replay`,
    { config: { action: write }, schema: replay },
    async (request, reply) => {
      const { id } = await enabled(request)
      const { delivery } = request.params as { delivery: string }
      const again = await deliveries.replay(id, delivery, registry.clock().toISOString())
      if (!again) throw new Problem('not_found', 'Cannot find the delivery')
      return reply.code(202).send(shown(again))
    },
  )
}

function scopeIn({ params }: FastifyRequest): string | null {
  const { scope } = params as { scope?: string }
  return scope === undefined ? null : `@${scope}`
}

function idIn({ params }: FastifyRequest): string {
  return (params as { webhook: string }).webhook
}

function timed({ clock }: Registry, { principal, ip }: FastifyRequest) {
  return { ...authorOf(principal, ip), at: clock().toISOString() }
}

function wanted(webhook: WebhookRecord | undefined): WebhookRecord {
  if (!webhook) throw absent()
  return webhook
}

function absent(): Problem {
  return new Problem('not_found', 'Cannot find the webhook')
}

function described({ formerUntil, ...webhook }: WebhookRecord): z.infer<typeof webhookDescription> {
  return { ...webhook, events: [...webhook.events], formerSecretUntil: formerUntil }
}

function shown({ dueAt, ...delivery }: Delivery): z.infer<typeof webhookDelivery> {
  return { ...delivery, dueAt: delivery.state === 'waiting' ? dueAt : null }
}
