import { newTokenAnswer, tokenDescription, tokenPermission, type TokenDescription } from '@ingot/manifest'
import { z } from 'zod'
import { authorOf } from '../../access/principal.ts'
import { createToken } from '../../access/create-token.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import type { TokenRecord } from '../../storage/meta/token-store.ts'
import { signedIn } from './signed-in.ts'

const tokenBody = z.strictObject({
  description: z.string().trim().min(1).max(200),
  modules: z.string().max(100),
  permissions: z.array(tokenPermission).min(1),
  days: z.number().positive().optional(),
  networks: z.array(z.string().max(50)).max(20).default([]),
})

/** A user's own tokens. No token makes another: these routes want a session. */
export function tokenRoutes(app: App, registry: Registry): void {
  const { tokens } = registry.meta

  const list = {
    summary: 'The tokens of the caller',
    response: { 200: z.object({ tokens: z.array(tokenDescription) }) },
  }
  app.get('/api/v1/tokens', { config: { action: 'token.read' }, schema: list }, async ({ principal }) => {
    return { tokens: (await tokens.list(signedIn(principal).user.id)).map(describeToken) }
  })

  const create = { summary: 'Makes a token', body: tokenBody, response: { 201: newTokenAnswer } }
  app.post('/api/v1/tokens', { config: { action: 'token.write' }, schema: create }, async (request, reply) => {
    const { days, ...rest } = request.body
    const { user } = signedIn(request.principal)
    const author = authorOf(request.principal, request.ip)
    const options = { ...rest, userId: user.id, lifetimeDays: days, author }
    const { token, record } = await createToken(tokens, options).catch((error: unknown) => {
      if (error instanceof RangeError) throw new Problem('request_invalid', error.message)
      throw error
    })
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...describeToken(record), token })
  })

  const revoke = { summary: 'Ends a token', params: z.object({ id: z.uuid() }), response: { 204: nothing } }
  app.delete('/api/v1/tokens/:id', { config: { action: 'token.write' }, schema: revoke }, async (request, reply) => {
    const { user } = signedIn(request.principal)
    const author = authorOf(request.principal, request.ip)
    const ended = await tokens.revoke(request.params.id, user.id, new Date().toISOString(), author)
    if (!ended) throw new Problem('not_found', 'Cannot end the token: you have no such token')
    return reply.code(204).send()
  })
}

export function describeToken(token: TokenRecord): TokenDescription {
  const { id, description, permissions, modules, networks, createdAt, expiresAt, lastUsedAt, revokedAt } = token
  return {
    id,
    description,
    permissions: [...permissions],
    modules,
    networks: [...networks],
    createdAt,
    expiresAt,
    lastUsedAt: lastUsedAt ?? null,
    revokedAt: revokedAt ?? null,
  }
}
