import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { askApi } from '../forms/ask-api.ts'
import { html } from '../html.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { smallPage } from './sign-in-pages.ts'

const text = z.string().max(200)

/** Shows the account with a secret that is shown this once. */
export type ShowOnce = (
  request: FastifyRequest,
  reply: FastifyReply,
  shown: { readonly title: string; readonly lines: readonly string[] },
) => Promise<FastifyReply>

/** Authenticators and passkeys, for people without scripts too. */
export function factorForms(app: App, showOnce: ShowOnce): void {
  const config = { action: 'account.read' } as const
  app.post('/account/totp', { config, schema: pageSchema('sets up an authenticator') }, async (request, reply) => {
    const { body } = await askApi(request, 'POST', '/api/v1/account/totp')
    const { secret, uri } = z.object({ secret: z.string(), uri: z.string() }).parse(body)
    const form = html`<form class="fields-form card" method="post" action="/account/totp/confirm">
      <p>Give this secret to your authenticator, and write the code that it shows.</p>
      <p class="mono path">${secret}</p>
      <details class="small">
        <summary>As an address</summary>
        <p class="mono path">${uri}</p>
      </details>
      <label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="10" /></label>
      <button>Set it up</button>
    </form>`
    return sendPage(reply, smallPage('Set up an authenticator', undefined, form), 'no-store')
  })
  const confirm = { ...pageSchema('sets up an authenticator'), body: z.object({ code: text }) }
  app.post('/account/totp/confirm', { config, schema: confirm }, async (request, reply) => {
    const { body } = await askApi(request, 'POST', '/api/v1/account/totp/confirm', { code: request.body.code.trim() })
    const { recoveryCodes } = z.object({ recoveryCodes: z.array(z.string()) }).parse(body)
    return showOnce(request, reply, {
      title: 'Recovery codes, for when the authenticator is lost.',
      lines: recoveryCodes,
    })
  })

  const text60 = z.string().max(60)
  const id = z.string().regex(/^[0-9a-f]{64}$/)
  const rename = { ...pageSchema('names a passkey anew'), body: z.object({ id, name: text60 }) }
  app.post('/account/passkeys/rename', { config, schema: rename }, async (request, reply) => {
    const { id, name } = request.body
    await askApi(request, 'PATCH', `/api/v1/account/passkeys/${id}`, { name })
    return back(reply)
  })
  const remove = { ...pageSchema('takes a passkey away'), body: z.object({ id }) }
  app.post('/account/passkeys/remove', { config, schema: remove }, async (request, reply) => {
    await askApi(request, 'DELETE', `/api/v1/account/passkeys/${request.body.id}`)
    return back(reply)
  })
}

/** To the account, as it is now. */
export function back(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect('/account', 303)
}
