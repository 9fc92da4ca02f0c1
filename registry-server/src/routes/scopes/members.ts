import { memberList, scopeRole } from '@ingot/manifest'
import { z } from 'zod'
import { userOf, type Principal } from '../../access/principal.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { acceptInvitation, giveRole, removeMember } from '../../scopes/membership.ts'
import type { UserRecord } from '../../storage/meta/user-store.ts'
import { signedIn } from '../accounts/signed-in.ts'
import { scopeParams } from '../module-params.ts'
import { scopeAuthor } from './scope-author.ts'

const memberParams = scopeParams.extend({ user: z.string().max(100) })

/** Who is what in a scope. */
export function memberRoutes(app: App, registry: Registry): void {
  const { scopes, users } = registry.meta

  const list = { summary: 'Members; owners see invitations too', params: scopeParams, response: { 200: memberList } }
  app.get('/api/v1/scopes/@:scope/members', { config: { action: 'scope.read' }, schema: list }, async (request) => {
    const scope = `@${request.params.scope}`
    const members = await scopes.members(scope)
    if (members.length === 0) throw new Problem('not_found', 'Cannot find the scope')
    const all = await isOwner(request.principal, scope)
    return {
      members: members.filter(({ acceptedAt }) => all || acceptedAt !== null).map(({ userId: _, ...member }) => member),
    }
  })

  const put = {
    summary: 'Gives somebody a role, or invites them to it',
    params: memberParams,
    body: z.strictObject({ role: scopeRole }),
    response: { 204: nothing },
  }
  app.put(
    '/api/v1/scopes/@:scope/members/:user',
    { config: { action: 'member.write' }, schema: put },
    async (request, reply) => {
      const { scope, user: name } = request.params
      const [user, author] = [await wantUser(name), scopeAuthor(registry, request)]
      await scopes.setMember(`@${scope}`, author, (members) => giveRole(members, user, request.body.role, author.at))
      return reply.code(204).send()
    },
  )

  const remove = { summary: 'Takes somebody out', params: memberParams, response: { 204: nothing } }
  app.delete(
    '/api/v1/scopes/@:scope/members/:user',
    { config: { action: 'member.write' }, schema: remove },
    async (request, reply) => {
      const { scope, user: name } = request.params
      const user = await wantUser(name)
      await scopes.setMember(`@${scope}`, scopeAuthor(registry, request), (members) => removeMember(members, user))
      return reply.code(204).send()
    },
  )

  const accept = { summary: 'Accepts an invitation', params: scopeParams, response: { 204: nothing } }
  app.post(
    '/api/v1/scopes/@:scope/membership',
    { config: { action: 'member.accept' }, schema: accept },
    async (request, reply) => {
      const { user } = signedIn(request.principal)
      const author = scopeAuthor(registry, request)
      await scopes.setMember(`@${request.params.scope}`, author, (members) =>
        acceptInvitation(members, user, author.at),
      )
      return reply.code(204).send()
    },
  )

  const leave = { summary: 'Leaves, or refuses an invitation', params: scopeParams, response: { 204: nothing } }
  app.delete(
    '/api/v1/scopes/@:scope/membership',
    { config: { action: 'member.accept' }, schema: leave },
    async (request, reply) => {
      const { user } = signedIn(request.principal)
      const author = scopeAuthor(registry, request)
      await scopes.setMember(`@${request.params.scope}`, author, (members) => removeMember(members, user))
      return reply.code(204).send()
    },
  )

  async function isOwner(principal: Principal, scope: string): Promise<boolean> {
    const user = userOf(principal)
    return user !== undefined && (await scopes.roleOf(scope, user.id)) === 'owner'
  }

  async function wantUser(name: string): Promise<UserRecord> {
    const user = await users.byName(name)
    if (user) return user
    throw new Problem('user_unknown', `Cannot find the user "${name}"`)
  }
}
