import { nameLabel, newScopeAnswer, scopeDescription, scopePolicy, scopeRole } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import type { ScopeRecord } from '../../storage/meta/scope-store.ts'
import { signedIn } from '../accounts/signed-in.ts'
import { scopeParams } from '../module-params.ts'
import { scopeAuthor } from './scope-author.ts'

/** Scopes of which one user is an owner: who collects names is asked to stop. */
const ownedMax = 50

/** Scopes: making one, what there is to know of it, and its policy. */
export function scopeRoutes(app: App, registry: Registry): void {
  const { scopes, proofs } = registry.meta

  const mine = {
    summary: 'The scopes of the caller, and the invitations',
    response: {
      200: z.object({
        scopes: z.array(z.object({ name: z.string(), role: scopeRole })),
        invitations: z.array(z.object({ name: z.string(), role: scopeRole, invitedAt: z.string() })),
      }),
    },
  }
  app.get('/api/v1/scopes', { config: { action: 'account.read' }, schema: mine }, async ({ principal }) => {
    const { id } = signedIn(principal).user
    return { scopes: await scopes.memberships(id), invitations: await scopes.invitations(id) }
  })

  const create = {
    summary: 'Makes a scope that the caller owns',
    body: z.strictObject({
      name: z.string().regex(/^@/, 'want "@scope"'),
      visibility: scopePolicy.shape.visibility
        .default('public')
        .describe('`private` from the beginning: then the log never names it.'),
    }),
    response: { 201: newScopeAnswer },
  }
  app.post('/api/v1/scopes', { config: { action: 'scope.create' }, schema: create }, async (request, reply) => {
    const { user } = signedIn(request.principal)
    const { name, visibility } = request.body
    const parsed = nameLabel.safeParse(name.slice(1))
    if (!parsed.success) {
      throw new Problem('request_invalid', `Cannot create "${name}": ${parsed.error.issues[0]!.message}`)
    }
    const owned = (await scopes.memberships(user.id)).filter(({ role }) => role === 'owner')
    if (owned.length >= ownedMax) {
      throw new Problem(
        'quota',
        `Cannot create "${name}": found ${owned.length} scopes of yours, want at most ${ownedMax}`,
      )
    }
    // What the operator has published there before is not for the first who comes.
    const taken = !user.staff && (await scopes.hasModules(name))
    const created = taken ? undefined : await scopes.create(name, user, scopeAuthor(registry, request), visibility)
    if (!created) throw new Problem('exists', `Cannot create "${name}": the name is taken`)
    return reply.code(201).send({ ...(await describe(created)), held: await scopes.isNear(name) })
  })

  const look = { summary: 'What there is to know of a scope', params: scopeParams, response: { 200: scopeDescription } }
  app.get('/api/v1/scopes/@:scope', { config: { action: 'scope.read' }, schema: look }, async ({ params }) =>
    describe(wanted(await scopes.find(`@${params.scope}`))),
  )

  const change = {
    summary: 'Changes the policy',
    params: scopeParams,
    body: scopePolicy.partial().strict(),
    response: { 200: scopeDescription },
  }
  app.patch('/api/v1/scopes/@:scope', { config: { action: 'scope.write' }, schema: change }, async (request) => {
    const name = `@${request.params.scope}`
    const given = Object.entries(request.body).filter(([, value]) => value !== undefined)
    return describe(wanted(await scopes.setPolicy(name, Object.fromEntries(given), scopeAuthor(registry, request))))
  })

  async function describe({ name, createdAt, policy }: ScopeRecord): Promise<z.infer<typeof scopeDescription>> {
    return { name, createdAt, policy, proofs: await proofs.standing(name) }
  }
}

function wanted(scope: ScopeRecord | undefined): ScopeRecord {
  if (scope) return scope
  throw new Problem('not_found', 'Cannot find the scope')
}
