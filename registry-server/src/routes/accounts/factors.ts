import { z } from 'zod'
import { newTotpSecret, totpUri } from '../../accounts/totp.ts'
import { sessionEnd } from '../../accounts/sign-in.ts'
import type { Principal } from '../../access/principal.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import type { SessionRecord } from '../../storage/meta/session-store.ts'
import type { UserRecord } from '../../storage/meta/user-store.ts'
import { isSecure } from './sessions.ts'
import { signedIn } from './signed-in.ts'

const code = z.string().trim().max(40)
const shown = z.union([z.strictObject({ totp: code }), z.strictObject({ recoveryCode: code })])
const codesAnswer = z.object({ recoveryCodes: z.array(z.string()) })

/** TOTP and recovery codes: setting them up, and showing them. */
export function factorRoutes(app: App, registry: Registry): void {
  const { meta, signIn } = registry
  const write = { config: { action: 'factor.write' } } as const

  const show = { summary: 'Shows a second factor', body: shown, response: { 200: z.object({ expiresAt: z.string() }) } }
  app.post(
    '/api/v1/session/second-factor',
    { config: { action: 'session.create' }, schema: show },
    async (request, reply) => {
      const { user, session } = halfSignedIn(request.principal)
      const now = new Date()
      const { body, ip } = request
      if ('totp' in body) await signIn.totp(ip, user, body.totp, now)
      else await signIn.recoveryCode(ip, user, body.recoveryCode)
      const secret = sessionCookie.read(request.headers.cookie)
      const expiresAt = await finishSession(registry, session, now)
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
        passkeys: z.array(
          z.object({ id: z.string(), name: z.string(), createdAt: z.string(), lastUsedAt: z.string().nullable() }),
        ),
      }),
    },
  }
  app.get('/api/v1/account/factors', { config: { action: 'account.read' }, schema: overview }, async (request) => {
    const { id } = signedIn(request.principal).user
    const passkeys = await meta.factors.passkeys(id)
    return {
      totp: (await meta.factors.totp(id))?.confirmed === true,
      recoveryCodesLeft: await meta.factors.recoveryCodesLeft(id),
      passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        name,
        createdAt,
        lastUsedAt: lastUsedAt ?? null,
      })),
    }
  })

  const begin = {
    summary: 'Makes a TOTP secret, which counts once a code of it is shown',
    response: { 201: z.object({ secret: z.string(), uri: z.string() }) },
  }
  app.post('/api/v1/account/totp', { ...write, schema: begin }, async ({ principal }, reply) => {
    const { user } = signedIn(principal)
    const secret = newTotpSecret()
    await meta.factors.setTotp(user.id, secret)
    const uri = totpUri(secret, user.name, new URL(registry.url).host)
    return reply.code(201).header('cache-control', 'no-store').send({ secret, uri })
  })

  const confirm = { summary: 'Shows the first code', body: z.strictObject({ code }), response: { 200: codesAnswer } }
  app.post('/api/v1/account/totp/confirm', { ...write, schema: confirm }, async ({ principal, body, ip }, reply) => {
    const { user, session } = signedIn(principal)
    const now = new Date()
    await signIn.totp(ip, user, body.code, now)
    await finishSession(registry, session, now)
    const recoveryCodes = await signIn.newRecoveryCodes(user.id)
    return reply.header('cache-control', 'no-store').send({ recoveryCodes })
  })

  const remove = { summary: 'Takes TOTP away', response: { 204: nothing } }
  app.delete('/api/v1/account/totp', { ...write, schema: remove }, async ({ principal }, reply) => {
    await meta.factors.removeTotp(signedIn(principal).user.id)
    return reply.code(204).send()
  })

  const renew = { summary: 'Makes new recovery codes', response: { 201: codesAnswer } }
  app.post('/api/v1/account/recovery-codes', { ...write, schema: renew }, async ({ principal }, reply) => {
    const recoveryCodes = await signIn.newRecoveryCodes(signedIn(principal).user.id)
    return reply.code(201).header('cache-control', 'no-store').send({ recoveryCodes })
  })
}

/** Who has at least shown a password. @throws Problem */
function halfSignedIn(principal: Principal): { readonly user: UserRecord; readonly session: SessionRecord } {
  if (principal.kind === 'session') return principal
  if (principal.kind === 'anonymous' && principal.unfinished) return principal.unfinished
  throw new Problem('token_missing', 'Cannot take a second factor: want a password first')
}

/** From now on the session is a whole one. Resolves to its end. */
async function finishSession({ meta }: Registry, session: SessionRecord, now: Date): Promise<string> {
  const expiresAt = sessionEnd(now)
  await meta.sessions.showedSecondFactor(session.id, now.toISOString(), expiresAt)
  return expiresAt
}
