import { z } from 'zod'
import { totpUri } from '../../accounts/totp.ts'
import { authorOf } from '../../access/principal.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { finishSession, halfSignedIn } from './open-session.ts'
import { assertion, passkeyDescription } from './passkey-bodies.ts'
import { describePasskey, sessionBinding } from './passkeys.ts'
import { isSecure, provingIn } from './sessions.ts'
import { signedIn } from './signed-in.ts'

const code = z.string().trim().max(40)
const shown = z.union([
  z.strictObject({ totp: code }),
  z.strictObject({ recoveryCode: code }),
  z.strictObject({ passkey: assertion }),
])
const codesAnswer = z.object({ recoveryCodes: z.array(z.string()) })

/** Second factors: setting TOTP and recovery codes up, and showing any of them. */
export function factorRoutes(app: App, registry: Registry): void {
  const { meta, signIn, passkeys } = registry
  const write = { config: { action: 'factor.write' } } as const

  const show = { summary: 'Shows a second factor', body: shown, response: { 200: z.object({ expiresAt: z.string() }) } }
  app.post(
    '/api/v1/session/second-factor',
    { config: { action: 'session.create' }, schema: show },
    async (request, reply) => {
      const { user, session } = halfSignedIn(request.principal)
      const proving = provingIn(request)
      const { body } = request
      const about = { purpose: 'second-factor', binding: sessionBinding(session) } as const
      if ('totp' in body) await signIn.totp(user, body.totp, proving)
      else if ('passkey' in body) await passkeys.verify(about, user, body.passkey, proving)
      else await signIn.recoveryCode(user, body.recoveryCode, proving)
      const secret = sessionCookie.read(request.headers.cookie)
      const method = 'totp' in body ? 'totp' : 'passkey' in body ? 'passkey' : 'recovery code'
      const expiresAt = await finishSession(meta, { session, user }, method, proving)
      if (secret !== undefined) reply.header('set-cookie', sessionCookie.write(secret, expiresAt, isSecure(registry)))
      return reply.header('cache-control', 'no-store').send({ expiresAt })
    },
  )

  const overview = {
    summary: 'Which second factors the caller has',
    response: {
      200: z.object({
        totp: z.boolean(),
        recoveryCodesLeft: z.int(),
        passkeys: z.array(passkeyDescription),
      }),
    },
  }
  app.get('/api/v1/account/factors', { config: { action: 'account.read' }, schema: overview }, async (request) => {
    const { id } = signedIn(request.principal).user
    return {
      totp: (await meta.factors.totp(id))?.confirmed === true,
      recoveryCodesLeft: await meta.factors.recoveryCodesLeft(id),
      passkeys: (await meta.passkeys.list(id)).map(describePasskey),
    }
  })

  const begin = {
    summary: 'Makes a TOTP secret, which counts once a code of it is shown',
    response: { 201: z.object({ secret: z.string(), uri: z.string() }) },
  }
  app.post('/api/v1/account/totp', { ...write, schema: begin }, async (request, reply) => {
    const { user } = signedIn(request.principal)
    const secret = await signIn.newTotp(user, provingIn(request))
    const uri = totpUri(secret, user.name, new URL(registry.url).host)
    return reply.code(201).header('cache-control', 'no-store').send({ secret, uri })
  })

  const confirm = { summary: 'Shows the first code', body: z.strictObject({ code }), response: { 200: codesAnswer } }
  app.post('/api/v1/account/totp/confirm', { ...write, schema: confirm }, async (request, reply) => {
    const open = signedIn(request.principal)
    const proving = provingIn(request)
    await signIn.totp(open.user, request.body.code, proving)
    await finishSession(meta, open, 'totp', proving)
    const recoveryCodes = await signIn.newRecoveryCodes(open.user, proving)
    return reply.header('cache-control', 'no-store').send({ recoveryCodes })
  })

  const remove = { summary: 'Takes TOTP away', response: { 204: nothing } }
  app.delete('/api/v1/account/totp', { ...write, schema: remove }, async ({ principal, ip }, reply) => {
    const { user } = signedIn(principal)
    await meta.factors.removeTotp(user, authorOf(principal, ip), new Date().toISOString())
    return reply.code(204).send()
  })

  const renew = { summary: 'Makes new recovery codes', response: { 201: codesAnswer } }
  app.post('/api/v1/account/recovery-codes', { ...write, schema: renew }, async (request, reply) => {
    const recoveryCodes = await signIn.newRecoveryCodes(signedIn(request.principal).user, provingIn(request))
    return reply.code(201).header('cache-control', 'no-store').send({ recoveryCodes })
  })
}
