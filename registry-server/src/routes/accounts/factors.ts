import { z } from 'zod'
import { totpUri } from '../../accounts/totp.ts'
import { sessionEnd, type Proving } from '../../accounts/sign-in.ts'
import { authorOf, type Principal } from '../../access/principal.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { signingIn } from '../../storage/meta/append-audit.ts'
import type { SessionRecord } from '../../storage/meta/session-store.ts'
import type { UserRecord } from '../../storage/meta/user-store.ts'
import { isSecure, provingIn } from './sessions.ts'
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
      const proving = provingIn(request)
      const { body } = request
      if ('totp' in body) await signIn.totp(user, body.totp, proving)
      else await signIn.recoveryCode(user, body.recoveryCode, proving)
      const secret = sessionCookie.read(request.headers.cookie)
      const method = 'totp' in body ? 'totp' : 'recovery code'
      const expiresAt = await finishSession(registry, { session, user }, method, proving)
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
    await finishSession(registry, open, 'totp', proving)
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

interface OpenSession {
  readonly user: UserRecord
  readonly session: SessionRecord
}

/** Who has at least shown a password. @throws Problem */
function halfSignedIn(principal: Principal): OpenSession {
  if (principal.kind === 'session') return principal
  if (principal.kind === 'anonymous' && principal.unfinished) return principal.unfinished
  throw new Problem('token_missing', 'Cannot take a second factor: want a password first')
}

/** From now on the session is a whole one. Resolves to its end. */
async function finishSession(
  { meta }: Registry,
  { session, user }: OpenSession,
  method: string,
  { ip, now }: Proving,
): Promise<string> {
  const expiresAt = sessionEnd(now)
  const by = { author: signingIn(user.name, ip), method }
  await meta.sessions.showedSecondFactor(session.id, by, now.toISOString(), expiresAt)
  return expiresAt
}
