import { nameLabel, scopeRole } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { readSettings } from './read-settings.ts'
import { settingsPage } from './settings-page.ts'

const params = z.object({ scope: nameLabel })
const box = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on')

const policyBody = z.object({
  visibility: z.enum(['public', 'private']),
  minApprovals: z.coerce.number().int().min(0).max(5),
  holdOnCapabilityIncrease: box,
  trustedPublisherOnly: box,
  requireProvenance: box,
})

const memberBody = z.object({ user: z.string().max(100), role: scopeRole, do: z.enum(['set', 'remove']) })

/** `/@s/settings` and its forms. */
export function settingsRoutes(app: App): void {
  const config = { action: 'publisher.read' } as const
  app.get(
    '/@:scope/settings',
    { config, schema: { ...pageSchema('settings of a scope'), params } },
    async (request, reply) => {
      return sendPage(reply, settingsPage(await readSettings(request, request.params.scope)), 'no-store')
    },
  )

  const policy = { ...pageSchema('changes the rules of a scope'), params, body: policyBody }
  app.post(
    '/@:scope/settings/policy',
    { config: { action: 'scope.write' }, schema: policy },
    async (request, reply) => {
      await askApi(request, 'PATCH', `/api/v1/scopes/@${request.params.scope}`, request.body)
      return reply.redirect(`/@${request.params.scope}/settings`, 303)
    },
  )

  const member = { ...pageSchema('changes who belongs to a scope'), params, body: memberBody }
  app.post(
    '/@:scope/settings/members',
    { config: { action: 'member.write' }, schema: member },
    async (request, reply) => {
      const { user, role, do: change } = request.body
      const path = `/api/v1/scopes/@${request.params.scope}/members/${encodeURIComponent(user)}`
      if (change === 'set') await askApi(request, 'PUT', path, { role })
      else await askApi(request, 'DELETE', path)
      return reply.redirect(`/@${request.params.scope}/settings`, 303)
    },
  )
}
