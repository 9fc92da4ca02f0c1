import type { ScopeStore } from '../storage/meta/scope-store.ts'
import { userOf, type Principal } from './principal.ts'
import { touchesScope } from './module-pattern.ts'

/** Which private modules somebody sees in lists, beside all public ones. */
export interface Sight {
  /** Private scopes, or all of them. */
  readonly scopes: readonly string[] | 'all'
  /** Of those scopes this one module alone. */
  readonly module?: string
}

const publicSight: Sight = { scopes: [] }

/** For what lists many modules at once; what is about one is decided by `authorize`. */
export async function sightOf(scopes: ScopeStore, principal: Principal): Promise<Sight> {
  if (principal.kind === 'anonymous' || principal.kind === 'workflow') return publicSight
  if (principal.kind === 'session' && principal.user.staff) return { scopes: 'all' }
  const user = userOf(principal)
  const own = user ? (await scopes.memberships(user.id)).map(({ name }) => name) : ('all' as const)
  if (principal.kind === 'session') return { scopes: own }
  const { modules, permissions } = principal.token
  if (!permissions.includes('read')) return publicSight
  if (modules === '*') return { scopes: own }
  const scope = modules.slice(0, modules.indexOf('/'))
  const seen = own === 'all' ? [scope] : own.filter((name) => touchesScope(modules, name))
  return modules.endsWith('/*') ? { scopes: seen } : { scopes: seen, module: modules }
}
