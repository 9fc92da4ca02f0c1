import { nameLabel } from '@ingot/manifest'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import { testedPublishers } from '../../routes/trusted-publishers.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { readSettings } from './read-settings.ts'
import { settingsPage } from './settings-page.ts'

const params = z.object({ scope: nameLabel })
const text = z.string().max(500)
/** A field that was left empty is no wish. */
const optional = text.transform((value) => (value.trim() === '' ? null : value.trim()))
const claimsCharactersMax = 16_000

const proofForm = z.discriminatedUnion('do', [
  z.object({ do: z.literal('claim'), kind: z.enum(['dns', 'repository']), value: text }),
  z.object({ do: z.literal('check'), id: z.uuid() }),
  z.object({ do: z.literal('remove'), id: z.uuid() }),
])
const publisherForm = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('add'),
    module: text,
    issuer: text,
    repository: text,
    repositoryId: text,
    ownerId: text,
    workflow: text,
    environment: optional,
    refPattern: optional,
  }),
  z.object({ do: z.literal('remove'), id: z.uuid() }),
])
const testForm = z.object({ module: text, issuer: text, claims: z.string().max(claimsCharactersMax) })

/** Forms of `/@s/settings` about whom others may believe: proofs of the scope, and workflows that it trusts. */
export function trustFormRoutes(app: App): void {
  const proofs = { ...pageSchema('what proves who stands behind a scope'), params, body: proofForm }
  app.post(
    '/@:scope/settings/proofs',
    { config: { action: 'scope.prove' }, schema: proofs },
    async (request, reply) => {
      const { body, params } = request
      const path = `/api/v1/scopes/@${params.scope}/proofs`
      if (body.do === 'claim') await askApi(request, 'POST', path, { kind: body.kind, value: body.value })
      if (body.do === 'check') await askApi(request, 'POST', `${path}/${body.id}/check`)
      if (body.do === 'remove') await askApi(request, 'DELETE', `${path}/${body.id}`)
      return back(reply, params.scope, 'proofs')
    },
  )

  const publishers = { ...pageSchema('workflows that a scope trusts'), params, body: publisherForm }
  app.post(
    '/@:scope/settings/publishers',
    { config: { action: 'publisher.write' }, schema: publishers },
    async (request, reply) => {
      const { body, params } = request
      const path = `/api/v1/scopes/@${params.scope}/trusted-publishers`
      if (body.do === 'add') {
        const { do: _, ...publisher } = body
        await askApi(request, 'POST', path, publisher)
      } else await askApi(request, 'DELETE', `${path}/${body.id}`)
      return back(reply, params.scope, 'publishers')
    },
  )

  const test = { ...pageSchema('whether a run may publish'), params, body: testForm }
  app.post(
    '/@:scope/settings/publishers/test',
    { config: { action: 'publisher.read' }, schema: test },
    async (request, reply) => {
      const { module, issuer, claims } = request.body
      const path = `/api/v1/scopes/@${request.params.scope}/trusted-publishers/test`
      const { body } = await askApi(request, 'POST', path, { module, issuer, claims: claimsIn(claims) })
      const tested = { module, issuer, claims, publishers: testedPublishers.parse(body).publishers }
      return sendPage(
        reply,
        settingsPage({ ...(await readSettings(request, request.params.scope)), tested }),
        'no-store',
      )
    },
  )
}

function back(reply: FastifyReply, scope: string, part: string): FastifyReply {
  return reply.redirect(`/@${scope}/settings#${part}`, 303)
}

/** @throws Problem `request_invalid` */
function claimsIn(claims: string): object {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(claims))
  } catch {
    throw new Problem('request_invalid', 'Cannot read the claims: want a JSON object', {
      hint: 'it is the middle part of the token, decoded from base64',
    })
  }
}
