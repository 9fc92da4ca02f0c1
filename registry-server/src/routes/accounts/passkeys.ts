import { randomBytes } from 'node:crypto'
import { signInAnswer } from '@ingot/manifest'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { credentialHash } from '../../access/credential.ts'
import { authorOf } from '../../access/principal.ts'
import { signInCookie } from '../../access/session-cookie.ts'
import { addressKey, Attempts } from '../../accounts/attempts.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import type { PasskeyRecord } from '../../storage/meta/passkey-store.ts'
import { finishSession, halfSignedIn } from './open-session.ts'
import { assertion, attestation, passkeyDescription, passkeyName } from './passkey-bodies.ts'
import { clientOf, isSecure, provingIn, sendSession } from './sessions.ts'
import { signedIn } from './signed-in.ts'

/** A browser keeps what it has begun as long as this. */
const signInMs = 10 * 60_000
/** What is asked for is remembered: nobody asks for more than this many at once. */
const challengesOfAddress = { burst: 30, refillMs: 2_000 }

/** What a browser gives to its authenticator: as WebAuthn §5.4 and §5.5 write it, in JSON. */
const options = z.looseObject({ challenge: z.string() })

/** Passkeys: making and removing them, and signing in by one. */
export function passkeyRoutes(app: App, registry: Registry): void {
  const { passkeys, signIn, meta } = registry
  const enter = { config: { action: 'session.create' } } as const
  const asked = new Attempts(meta.failedAttempts, 'challenge address', challengesOfAddress)

  const ask = {
    summary: 'What a passkey is to sign: to sign in, or as the second factor of a session',
    body: z.strictObject({ for: z.enum(['sign-in', 'second-factor']) }),
    response: { 201: options },
  }
  app.post('/api/v1/session/passkey/options', { ...enter, schema: ask }, async (request, reply) => {
    const now = new Date()
    reply.code(201).header('cache-control', 'no-store')
    if (request.body.for === 'second-factor') {
      const { session, user } = halfSignedIn(request.principal)
      const about = { purpose: 'second-factor', binding: sessionBinding(session) } as const
      return reply.send(await passkeys.requestOptions(about, user, now))
    }
    await asked.failed(addressKey(request.ip))
    const about = { purpose: 'sign-in', binding: browserBinding(registry, request, reply) } as const
    return reply.send(await passkeys.requestOptions(about, undefined, now))
  })

  const open = {
    summary: 'Signs in by a passkey',
    body: z.strictObject({ response: assertion }),
    response: { 201: signInAnswer },
  }
  app.post('/api/v1/session/passkey', { ...enter, schema: open }, async (request, reply) => {
    const proving = provingIn(request)
    const cookie = signInCookie.read(request.headers.cookie) ?? ''
    const about = { purpose: 'sign-in', binding: bindingOf(cookie) } as const
    const user = await passkeys.verify(about, undefined, request.body.response, proving)
    const client = clientOf(request.headers['user-agent'])
    // A key that somebody has, used by somebody who was verified: both factors at once.
    const secondFactorAt = proving.now.toISOString()
    const opened = await signIn.open(user, { kind: 'browser', client, method: 'passkey', secondFactorAt, ...proving })
    return sendSession(registry, reply, opened)
  })
  ownPasskeys(app, registry)
}

function ownPasskeys(app: App, { passkeys, meta, signIn }: Registry): void {
  const write = { config: { action: 'factor.write' } } as const
  const begin = { summary: 'What an authenticator needs to make a passkey', response: { 201: options } }
  app.post('/api/v1/account/passkeys/options', { ...write, schema: begin }, async ({ principal }, reply) => {
    const { user, session } = signedIn(principal)
    const made = await passkeys.registrationOptions(user, sessionBinding(session), new Date())
    return reply.code(201).header('cache-control', 'no-store').send(made)
  })

  const add = {
    summary: 'Adds a passkey; with the first second factor come recovery codes',
    body: z.strictObject({ name: passkeyName, response: attestation }),
    response: { 201: z.object({ passkey: passkeyDescription, recoveryCodes: z.array(z.string()) }) },
  }
  app.post('/api/v1/account/passkeys', { ...write, schema: add }, async (request, reply) => {
    const { user, session } = signedIn(request.principal)
    const proving = provingIn(request)
    const passkey = await passkeys.register(user, sessionBinding(session), request.body, proving)
    await finishSession(meta, { user, session }, 'passkey', proving)
    const left = await meta.factors.recoveryCodesLeft(user.id)
    const recoveryCodes = left > 0 ? [] : await signIn.newRecoveryCodes(user, proving)
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ passkey: describePasskey(passkey), recoveryCodes })
  })

  const params = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) })
  const rename = {
    summary: 'Names a passkey anew',
    params,
    body: z.strictObject({ name: passkeyName }),
    response: { 204: nothing },
  }
  app.patch(
    '/api/v1/account/passkeys/:id',
    { config: { action: 'account.write' }, schema: rename },
    async (request, reply) => {
      const { principal, ip, body } = request
      const { user } = signedIn(principal)
      const { id } = await wanted(user.id, request.params.id)
      await meta.passkeys.rename(id, body.name, user, authorOf(principal, ip), new Date().toISOString())
      return reply.code(204).send()
    },
  )

  const remove = { summary: 'Takes a passkey away', params, response: { 204: nothing } }
  app.delete('/api/v1/account/passkeys/:id', { ...write, schema: remove }, async ({ principal, ip, params }, reply) => {
    const { user } = signedIn(principal)
    const { id, name } = await wanted(user.id, params.id)
    const removed = await meta.passkeys.remove(id, user, authorOf(principal, ip), new Date().toISOString())
    if (removed === 'last') {
      throw new Problem('last_factor', `Cannot remove the passkey "${name}": nothing else is left to sign in with`, {
        hint: 'add another passkey first, or have those who run the registry send a link to set a password',
      })
    }
    return reply.code(204).send()
  })

  async function wanted(userId: string, handle: string): Promise<PasskeyRecord> {
    const found = (await meta.passkeys.list(userId)).find(({ id }) => credentialHash(id) === handle)
    if (found) return found
    throw new Problem('not_found', 'Cannot find the passkey: you have no such passkey')
  }
}

/** Named by a hash: what authenticators call a key may be longer than an address. */
export function describePasskey({
  id,
  name,
  createdAt,
  lastUsedAt,
}: PasskeyRecord): z.infer<typeof passkeyDescription> {
  return { id: credentialHash(id), name, createdAt, lastUsedAt: lastUsedAt ?? null }
}

/** Whatever is asked in a session is answered in it. */
export function sessionBinding({ id }: { readonly id: string }): string {
  return `session ${id}`
}

/** Of a browser in which nobody has signed in yet: it gets a cookie to know it by. */
function browserBinding(registry: Registry, { headers }: FastifyRequest, reply: FastifyReply): string {
  const before = signInCookie.read(headers.cookie)
  const value = before !== undefined && /^[\w-]{43}$/.test(before) ? before : randomBytes(32).toString('base64url')
  const expiresAt = new Date(Date.now() + signInMs).toISOString()
  reply.header('set-cookie', signInCookie.write(value, expiresAt, isSecure(registry)))
  return bindingOf(value)
}

function bindingOf(cookie: string): string {
  return `browser ${credentialHash(cookie)}`
}
