import type { CallerDescription } from '@ingot/manifest'
import { userOf, type Principal } from '../../access/principal.ts'
import type { MetaStore } from '../../storage/meta-store.ts'
import type { UserRecord } from '../../storage/meta/user-store.ts'
import { describeSession } from './sessions.ts'
import { describeToken } from './tokens.ts'

/** Who somebody is, as they may see it themselves. */
export async function describeCaller({ scopes }: MetaStore, principal: Principal): Promise<CallerDescription> {
  const user = userOf(principal)
  const memberships = user ? await scopes.memberships(user.id) : []
  const base = { user: user ? describeUser(user) : null, session: null, token: null, scopes: memberships }
  if (principal.kind === 'session') return { ...base, kind: 'user', session: describeSession(principal.session) }
  if (principal.kind === 'token') return { ...base, kind: 'token', token: describeToken(principal.token) }
  if (principal.kind === 'workflow') return { ...base, kind: 'workflow' }
  if (!principal.unfinished) return { ...base, kind: 'anonymous' }
  const { session, user: who } = principal.unfinished
  return { ...base, kind: 'unfinished', user: describeUser(who), session: describeSession(session) }
}

function describeUser({ name, staff, hasSecondFactor }: UserRecord): NonNullable<CallerDescription['user']> {
  return { name, staff, hasSecondFactor }
}
