import { callerDescription, signInAnswer, sessionDescription, type SignInAnswer } from '@ingot/manifest'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { OpenedSession, Proving } from '../../accounts/sign-in.ts'
import { authorOf } from '../../access/principal.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { signingIn } from '../../storage/meta/append-audit.ts'
import type { SessionRecord } from '../../storage/meta/session-store.ts'
import { clientText, passwordText } from './bodies.ts'
import { describeCaller } from './describe-caller.ts'
import { signedIn } from './signed-in.ts'

const passwordBody = z.strictObject({
  user: z.string().max(100),
  password: passwordText,
  /** A program keeps the secret itself; a browser gets a cookie that no script can read. */
  kind: z.enum(['browser', 'command line']).default('browser'),
  client: clientText.optional(),
})

/** Signing in and out, and what is signed in. */
export function sessionRoutes(app: App, registry: Registry): void {
  const { meta, signIn } = registry
  const enter = { config: { action: 'session.create' } } as const
  const mine = { config: { action: 'account.read' } } as const

  const whoami = { summary: 'Who the caller is', response: { 200: callerDescription } }
  app.get('/api/v1/session', { ...enter, schema: whoami }, async ({ principal }, reply) =>
    reply.header('cache-control', 'no-store').send(await describeCaller(meta, principal)),
  )

  const begin = { summary: 'Signs in with a password', body: passwordBody, response: { 201: signInAnswer } }
  app.post('/api/v1/session', { ...enter, schema: begin }, async (request, reply) => {
    const { user: name, password, kind, client } = request.body
    const proving = provingIn(request)
    const user = await signIn.password(name, password, proving)
    const called = client ?? clientOf(request.headers['user-agent'])
    const opened = await signIn.open(user, { kind, client: called, method: 'password', ...proving })
    return sendSession(registry, reply, opened)
  })

  const end = { summary: 'Signs out', response: { 204: nothing } }
  app.delete('/api/v1/session', { ...enter, schema: end }, async ({ principal, ip }, reply) => {
    const open = principal.kind === 'session' ? principal : principal.kind === 'anonymous' && principal.unfinished
    if (open) {
      const { session, user } = open
      await meta.sessions.end(session.id, session.userId, signingIn(user.name, ip), new Date().toISOString())
    }
    return reply
      .header('set-cookie', sessionCookie.clear(isSecure(registry)))
      .code(204)
      .send()
  })

  const list = {
    summary: 'What is signed in as the caller',
    response: { 200: z.object({ sessions: z.array(sessionDescription.extend({ current: z.boolean() })) }) },
  }
  app.get('/api/v1/sessions', { ...mine, schema: list }, async ({ principal }) => {
    const { user, session } = signedIn(principal)
    const found = await meta.sessions.ofUser(user.id, new Date().toISOString())
    return { sessions: found.map((each) => ({ ...describeSession(each), current: each.id === session.id })) }
  })

  const revoke = { summary: 'Ends one session', params: z.object({ id: z.uuid() }), response: { 204: nothing } }
  app.delete(
    '/api/v1/sessions/:id',
    { config: { action: 'account.write' }, schema: revoke },
    async ({ principal, params, ip }, reply) => {
      const { user } = signedIn(principal)
      const ended = await meta.sessions.end(params.id, user.id, authorOf(principal, ip), new Date().toISOString())
      if (!ended) throw new Problem('not_found', 'Cannot end the session: you have no such session')
      return reply.code(204).send()
    },
  )
}

/** Gives a new session to the client that has opened it. */
export async function sendSession(
  registry: Registry,
  reply: FastifyReply,
  { secret, session, user }: OpenedSession,
): Promise<FastifyReply> {
  const bearer = session.kind === 'command line'
  if (!bearer) reply.header('set-cookie', sessionCookie.write(secret, session.expiresAt, isSecure(registry)))
  const wanted = user.hasSecondFactor && session.secondFactorAt === undefined
  const answer: SignInAnswer = {
    user: user.name,
    token: bearer ? secret : null,
    expiresAt: session.expiresAt,
    secondFactors: wanted ? await factorsOf(registry, user.id) : [],
  }
  return reply.code(201).header('cache-control', 'no-store').send(answer)
}

async function factorsOf(
  { meta: { factors, passkeys: keys } }: Registry,
  userId: string,
): Promise<SignInAnswer['secondFactors']> {
  const [totp, passkeys, codes] = [
    await factors.totp(userId),
    await keys.list(userId),
    await factors.recoveryCodesLeft(userId),
  ]
  return [
    ...(totp?.confirmed ? (['totp'] as const) : []),
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ...(codes > 0 ? (['recovery code'] as const) : []),
  ]
}

export function describeSession(session: SessionRecord): z.infer<typeof sessionDescription> {
  const { id, kind, client, createdAt, lastUsedAt, expiresAt, secondFactorAt } = session
  return { id, kind, client, createdAt, lastUsedAt, expiresAt, secondFactorAt: secondFactorAt ?? null }
}

export function provingIn({ ip }: FastifyRequest): Proving {
  return { ip, now: new Date() }
}

export function clientOf(userAgent: string | undefined): string {
  return (userAgent ?? 'unknown').slice(0, 100)
}

export function isSecure({ url }: Registry): boolean {
  return url.startsWith('https:')
}
