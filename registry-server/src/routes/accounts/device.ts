import { deviceAnswer, deviceTokenAnswer } from '@ingot/manifest'
import { z } from 'zod'
import { credentialHash, newCredential } from '../../access/credential.ts'
import { letters, sessionEnd } from '../../accounts/sign-in.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { clientText } from './bodies.ts'
import { signedIn } from './signed-in.ts'

/** How long somebody may take to find a browser. */
const loginMs = 10 * 60_000
const intervalSeconds = 2

const userCode = z.string().regex(/^[A-Z]{4}-[A-Z]{4}$/, 'want a code such as "BCDF-GHJK"')

/**
 * How a command line signs in (as RFC 8628 does): it shows a code, somebody who has signed in types it and says yes, and
 * the command line gets a session of its own, which they see and can end like any other.
 */
export function deviceRoutes(app: App, registry: Registry): void {
  const { meta, signIn } = registry
  const enter = { config: { action: 'session.create' } } as const
  const answer = { config: { action: 'account.write' } } as const

  const begin = {
    summary: 'Begins to sign a command line in',
    body: z.strictObject({ client: clientText }),
    response: { 201: deviceAnswer },
  }
  app.post('/api/v1/device', { ...enter, schema: begin }, async ({ body }, reply) => {
    const now = new Date()
    const deviceCode = newCredential('device')
    const code = `${letters(4)}-${letters(4)}`
    const expiresAt = new Date(now.getTime() + loginMs).toISOString()
    const login = { hash: credentialHash(deviceCode), userCode: code, client: body.client, expiresAt }
    await meta.devices.add(login, now.toISOString())
    const verificationUrl = `${registry.url}/device?code=${code}`
    const sent = { deviceCode, userCode: code, verificationUrl, expiresAt, intervalSeconds }
    return reply.code(201).header('cache-control', 'no-store').send(sent)
  })

  const poll = {
    summary: 'Asks whether somebody has said yes',
    body: z.strictObject({ deviceCode: z.string().max(100) }),
    response: { 200: deviceTokenAnswer, 202: nothing },
  }
  app.post('/api/v1/device/token', { ...enter, schema: poll }, async ({ body, ip }, reply) => {
    const now = new Date()
    const token = newCredential('session')
    const expiresAt = sessionEnd(now)
    const session = { hash: credentialHash(token), kind: 'command line', expiresAt } as const
    const taken = await signIn.countedAfter(ip, async () => {
      const found = await meta.devices.take(credentialHash(body.deviceCode), session, ip, now.toISOString())
      if (found === 'gone') throw new Problem('sign_in', 'Cannot sign in: the code has ended, or somebody has said no')
      return found
    })
    reply.header('cache-control', 'no-store')
    if (taken === 'waiting') return reply.code(202).send()
    return reply.send({ token, user: taken.user, expiresAt })
  })

  const params = z.object({ code: userCode })
  const look = {
    summary: 'What asks to be signed in under a code',
    params,
    response: { 200: z.object({ client: z.string(), expiresAt: z.string() }) },
  }
  app.get('/api/v1/device/:code', { config: { action: 'account.read' }, schema: look }, async (request) => {
    const found = await guess(request.ip, () => meta.devices.waiting(request.params.code, new Date().toISOString()))
    return { client: found.client, expiresAt: found.expiresAt }
  })

  const yes = { summary: 'Signs it in as the caller', params, response: { 204: nothing } }
  app.post('/api/v1/device/:code/approve', { ...answer, schema: yes }, async (request, reply) => {
    const { user, session } = signedIn(request.principal)
    const by = { userId: user.id, secondFactorAt: session.secondFactorAt }
    await guess(request.ip, () => meta.devices.approve(request.params.code, by, new Date().toISOString()))
    return reply.code(204).send()
  })

  const no = { summary: 'Refuses it', params, response: { 204: nothing } }
  app.delete('/api/v1/device/:code', { ...answer, schema: no }, async (request, reply) => {
    await meta.devices.refuse(request.params.code)
    return reply.code(204).send()
  })

  /** A code is short: who tries many is stopped. */
  function guess<T>(ip: string, look: () => Promise<T | false | undefined>): Promise<T> {
    return signIn.counted(ip, undefined, async () => {
      const found = await look()
      if (found) return found
      throw new Problem('not_found', 'Cannot find the code: nothing waits under it')
    })
  }
}
