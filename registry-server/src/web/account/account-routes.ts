import { callerDescription, newTokenAnswer, scopeRole, sessionDescription, tokenDescription } from '@ingot/manifest'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { passkeyDescription } from '../../routes/accounts/passkey-bodies.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { accountPage, type AccountContent } from './account-page.ts'
import { back, factorForms } from './factor-forms.ts'

const text = z.string().max(200)
const several = z.preprocess((given) => (given === undefined ? [] : [given].flat()), z.array(text))

/** `/account` and its forms: each does one thing by the JSON API and leads back. */
export function accountPageRoutes(app: App): void {
  const config = { action: 'account.read' } as const
  app.get('/account', { config, schema: pageSchema('your account') }, async (request, reply) =>
    sendPage(reply, accountPage(await readAccount(request)), 'no-store'),
  )

  const token = {
    ...pageSchema('makes a token'),
    body: z.object({ description: text, modules: text, permissions: several, days: z.coerce.number() }),
  }
  app.post('/account/tokens', { config, schema: token }, async (request, reply) => {
    const { body } = await askApi(request, 'POST', '/api/v1/tokens', request.body)
    const made = newTokenAnswer.parse(body)
    return showOnce(request, reply, { title: `The token "${made.description}".`, lines: [made.token] })
  })
  const one = (summary: string) => ({ ...pageSchema(summary), body: z.object({ id: z.uuid() }) })
  app.post('/account/tokens/end', { config, schema: one('ends a token') }, async (request, reply) => {
    await askApi(request, 'DELETE', `/api/v1/tokens/${request.body.id}`)
    return back(reply)
  })
  app.post('/account/sessions/end', { config, schema: one('ends a session') }, async (request, reply) => {
    await askApi(request, 'DELETE', `/api/v1/sessions/${request.body.id}`)
    return back(reply)
  })
  scopeForms(app)
  factorForms(app, showOnce)
}

function scopeForms(app: App): void {
  const config = { action: 'account.read' } as const
  const make = { ...pageSchema('makes a scope'), body: z.object({ name: text, private: z.literal('on').optional() }) }
  app.post('/account/scopes', { config, schema: make }, async (request, reply) => {
    const { name, private: closed } = request.body
    await askApi(request, 'POST', '/api/v1/scopes', { name, visibility: closed ? 'private' : 'public' })
    return back(reply)
  })
  const invitation = {
    ...pageSchema('answers an invitation'),
    body: z.object({ scope: text, answer: z.enum(['accept', 'refuse']) }),
  }
  app.post('/account/invitations', { config, schema: invitation }, async (request, reply) => {
    const { scope, answer } = request.body
    const path = `/api/v1/scopes/${encodeURIComponent(scope).replace('%40', '@')}/membership`
    await askApi(request, answer === 'accept' ? 'POST' : 'DELETE', path)
    return back(reply)
  })
}

async function showOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  shown: NonNullable<AccountContent['shown']>,
): Promise<FastifyReply> {
  return sendPage(reply, accountPage({ ...(await readAccount(request)), shown }), 'no-store')
}

async function readAccount(request: FastifyRequest): Promise<AccountContent> {
  const get = async (path: string): Promise<unknown> => (await askApi(request, 'GET', `/api/v1${path}`)).body
  const [caller, tokens, sessions, scopes, factors] = await Promise.all(
    ['/session', '/tokens', '/sessions', '/scopes', '/account/factors'].map(get),
  )
  return {
    caller: callerDescription.parse(caller),
    tokens: z.object({ tokens: z.array(tokenDescription) }).parse(tokens).tokens,
    sessions: z.object({ sessions: z.array(sessionDescription.extend({ current: z.boolean() })) }).parse(sessions)
      .sessions,
    invitations: z.object({ invitations: z.array(z.object({ name: z.string(), role: scopeRole })) }).parse(scopes)
      .invitations,
    factors: z
      .object({ totp: z.boolean(), recoveryCodesLeft: z.int(), passkeys: z.array(passkeyDescription) })
      .parse(factors),
  }
}
