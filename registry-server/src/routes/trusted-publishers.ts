import { moduleName, moduleVersion, scopeOf } from '@ingot/manifest'
import { z } from 'zod'
import { nothing, type App } from '../api/zod-routes.ts'
import { exchangeIdentity } from '../oidc/exchange-identity.ts'
import { mismatches } from '../oidc/match-publisher.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { scopeParams } from './module-params.ts'
import { scopeAuthor } from './scopes/scope-author.ts'

/** Identities have a kilobyte or two. */
const jwtCharactersMax = 16 * 2 ** 10
const claimsMax = 200

const publisherBody = z.strictObject({
  module: moduleName,
  issuer: z.string().max(200),
  ownerId: z.string().min(1).max(100),
  repositoryId: z.string().min(1).max(100),
  repository: z.string().min(1).max(200),
  workflow: z.string().min(1).max(200),
  environment: z.string().min(1).max(200).nullable().default(null),
  refPattern: z.string().min(1).max(200).nullable().default(null),
})
const publisherAnswer = publisherBody.extend({
  id: z.string(),
  createdAt: z.string(),
  environment: z.string().nullable(),
  refPattern: z.string().nullable(),
  /** Nothing of the module's name has been published yet. */
  pending: z.boolean(),
})
export type TrustedPublisherAnswer = z.infer<typeof publisherAnswer>
export const publisherList = z.object({ publishers: z.array(publisherAnswer), issuers: z.array(z.string()) })
export const testedPublishers = z.object({
  publishers: z.array(
    z.object({
      id: z.string(),
      module: z.string(),
      mismatches: z.array(z.object({ claim: z.string(), found: z.string().nullable(), wanted: z.string() })),
    }),
  ),
})

/** Which workflows are trusted, and the exchange of their identities (registry.md §2.7). */
export function trustedPublisherRoutes(app: App, registry: Registry): void {
  const { meta, oidc, signIn } = registry
  const path = '/api/v1/scopes/@:scope/trusted-publishers'
  const write = { config: { action: 'publisher.write' } } as const

  const list = {
    summary: 'Workflows that may publish, and the issuers that there are',
    params: scopeParams,
    response: { 200: publisherList },
  }
  app.get(path, { config: { action: 'publisher.read' }, schema: list }, async ({ params }) => {
    const publishers = await meta.publishers.ofScope(`@${params.scope}`)
    const described = publishers.map(async (publisher) => ({
      ...publisher,
      pending: await isPending(publisher.module),
    }))
    return { publishers: await Promise.all(described), issuers: oidc.issuers.map(({ issuer }) => issuer) }
  })

  const add = {
    summary: 'Trusts a workflow to publish a module, which need not exist yet',
    params: scopeParams,
    body: publisherBody,
    response: { 201: publisherAnswer },
  }
  app.post(path, { ...write, schema: add }, async (request, reply) => {
    const { module, issuer } = request.body
    wantInScope(module, request.params.scope)
    if (!oidc.issuers.some((known) => known.issuer === issuer)) {
      throw new Problem('request_invalid', `Cannot trust the issuer "${issuer}": this registry does not know it`, {
        hint: `it knows ${oidc.issuers.map((known) => known.issuer).join(', ')}`,
      })
    }
    const added = await meta.publishers.add(request.body, scopeAuthor(registry, request))
    if (!added) throw new Problem('quota', `Cannot trust another workflow: "${module}" has as many as it may have`)
    return reply.code(201).send({ ...added, pending: await isPending(module) })
  })

  const remove = {
    summary: 'Trusts it no longer; tokens that it has got end',
    params: scopeParams.extend({ id: z.uuid() }),
    response: { 204: nothing },
  }
  app.delete(`${path}/:id`, { ...write, schema: remove }, async (request, reply) => {
    const { scope, id } = request.params
    const removed = await meta.publishers.remove(id, `@${scope}`, scopeAuthor(registry, request))
    if (!removed) throw new Problem('not_found', 'Cannot find the trusted publisher')
    return reply.code(204).send()
  })

  const dryMatch = {
    summary: 'Which claims of an identity differ from what is trusted; nothing is exchanged',
    params: scopeParams,
    body: z.strictObject({
      module: moduleName,
      issuer: z.string().max(200),
      claims: z.record(z.string(), z.unknown()).refine((claims) => Object.keys(claims).length <= claimsMax),
    }),
    response: { 200: testedPublishers },
  }
  app.post(`${path}/test`, { config: { action: 'publisher.read' }, schema: dryMatch }, async ({ body, params }) => {
    wantInScope(body.module, params.scope)
    const issuer = oidc.issuers.find((known) => known.issuer === body.issuer)
    if (!issuer) throw new Problem('request_invalid', `Cannot test that: this registry does not know "${body.issuer}"`)
    const publishers = await meta.publishers.ofModule(body.module, body.issuer)
    return {
      publishers: publishers.map((publisher) => ({
        id: publisher.id,
        module: publisher.module,
        mismatches: mismatches(publisher, issuer, body.claims),
      })),
    }
  })

  const audience = {
    summary: 'For whom a workflow has its identity made, that it is taken here',
    response: { 200: z.object({ audience: z.string() }) },
  }
  app.get('/api/v1/oidc/audience', { config: { action: 'registry.read' }, schema: audience }, () => ({
    audience: oidc.audienceOf(undefined),
  }))

  const exchange = {
    summary: 'Exchanges an identity for a token that publishes one version with one content',
    body: z.strictObject({
      jwt: z.string().max(jwtCharactersMax),
      module: moduleName,
      version: moduleVersion,
      sha512: z.string().regex(/^[0-9a-f]{128}$/, 'want a SHA-512 in hexadecimal'),
    }),
    response: { 201: z.object({ token: z.string(), expiresAt: z.string() }) },
  }
  app.post(
    '/api/v1/oidc/exchange',
    { config: { action: 'oidc.exchange' }, schema: exchange },
    async (request, reply) => {
      const { body, ip } = request
      const made = await signIn.counted(ip, undefined, () => exchangeIdentity(registry, { ...body, ip }))
      return reply.code(201).header('cache-control', 'no-store').send(made)
    },
  )

  async function isPending(module: string): Promise<boolean> {
    return (await meta.log.lastOf(module)) === undefined
  }
}

function wantInScope(module: string, scope: string): void {
  if (scopeOf(module) === `@${scope}`) return
  throw new Problem('request_invalid', `Cannot do that to "${module}": want a module of @${scope}`)
}
