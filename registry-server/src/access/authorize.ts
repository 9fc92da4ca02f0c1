import { moduleKey, scopeOf } from '@ingot/manifest'
import { Problem } from '../problem.ts'
import type { PublishGrant } from '../storage/meta/publisher-store.ts'
import type { ScopeRecord, ScopeStore } from '../storage/meta/scope-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'
import { actions, type Action, type ActionName } from './actions.ts'
import { coversModule, touchesScope } from './module-pattern.ts'
import { anonymous, userOf, type Principal } from './principal.ts'

/** How long a second factor that was shown counts. */
const secondFactorMs = 10 * 60_000

/** What an action would be done to. Nothing: the registry, or the caller's own account. */
export interface Target {
  /** `@acme`. */
  readonly scope?: string | undefined
  /** `@acme/redact`; its scope need not be named. */
  readonly module?: string | undefined
  readonly version?: string | undefined
}

/**
 * Whether somebody may do something, by the table of actions and nothing else.
 * @throws Problem that tells why not. Of a scope that they cannot see it says what it says where there is none.
 */
export async function authorize(
  scopes: ScopeStore,
  principal: Principal,
  name: ActionName,
  target: Target,
  now = new Date(),
): Promise<void> {
  const action: Action = actions[name]
  const scope = scopeIn(target)
  if (action.hidden && !(principal.kind === 'session' && principal.user.staff))
    throw new Problem('not_found', 'Cannot find that')
  if (action.who === 'anyone') {
    if (scope === undefined) return
    if (await seenScope(scopes, readerOf(principal), { ...target, scope })) return
    // Where there is no scope the answer is the one for a scope that is hidden: whoever asks cannot tell them apart.
    if (await scopes.isUnclaimed(scope)) return
    throw hidden(scope)
  }
  if (principal.kind === 'anonymous') throw credentialWanted(name)
  if (principal.kind === 'workflow') return wantGranted(principal.grant, name, action, target)
  if (principal.kind === 'token') wantPermission(principal, name, action, { ...target, scope })
  const user = userOf(principal)
  // The operator's own token: what it is for was decided at the storage.
  if (principal.kind === 'token' && !user) return
  await wantStanding(scopes, principal, name, { action, scope, target, user: user! })
  if (action.secondFactor === 'once') wantSecondFactor(principal, name, { now, withinMs: Infinity })
  else if (action.secondFactor === true || (action.secondFactor && user?.hasSecondFactor))
    wantSecondFactor(principal, name, { now, withinMs: secondFactorMs })
  else if (action.secondFactor === 'where set up') wantRecentSignIn(principal, name, now)
}

async function wantStanding(
  scopes: ScopeStore,
  principal: Principal,
  name: ActionName,
  { action, scope, target, user }: { action: Action; scope: string | undefined; target: Target; user: UserRecord },
): Promise<void> {
  const { who } = action
  if (who === 'user' || who === 'anyone' || ((who === 'staff' || action.staff) && user.staff)) return
  if (scope !== undefined && !(await seenScope(scopes, principal, { ...target, scope }))) throw hidden(scope)
  if (who === 'staff') throw new Problem('forbidden', `Cannot do "${name}": it is for those who run the registry`)
  if (scope === undefined) throw new Error(`The action "${name}" is about a scope, and its route names none`)
  const role = await scopes.roleOf(scope, user.id)
  if (role !== undefined && who.includes(role)) return
  throw new Problem(
    'forbidden',
    `Cannot do "${name}" in ${scope}: ${user.name} is ${role ?? 'no member'} there, want ${who.join(' or ')}`,
  )
}

/** Whether somebody may read what there is of a scope, or of one of its modules. */
export async function mayRead(scopes: ScopeStore, principal: Principal, target: Target): Promise<boolean> {
  const scope = scopeIn(target)!
  return canSee(scopes, readerOf(principal), { ...target, scope }, await scopes.find(scope))
}

/** As whom somebody reads: what may only change things sees what anyone sees. */
function readerOf(principal: Principal): Principal {
  const blind = principal.kind === 'token' && !principal.token.permissions.includes('read')
  return blind || principal.kind === 'workflow' ? anonymous : principal
}

/**
 * A scope, for who sees it. Of one that is not there as much is looked up as of one that is hidden: the time of the answer
 * tells neither.
 */
async function seenScope(
  scopes: ScopeStore,
  principal: Principal,
  target: Target & { readonly scope: string },
): Promise<ScopeRecord | undefined> {
  const found = await scopes.find(target.scope)
  return (await canSee(scopes, principal, target, found ?? likeHidden)) ? found : undefined
}

const likeHidden = { policy: { visibility: 'private' } } as const

/** Whether somebody may know that a scope, or one of its modules, exists. */
async function canSee(
  scopes: ScopeStore,
  principal: Principal,
  { scope, module }: Target & { readonly scope: string },
  found: { readonly policy: Pick<ScopeRecord['policy'], 'visibility'> } | undefined,
): Promise<boolean> {
  if (found?.policy.visibility !== 'private') return true
  if (principal.kind === 'anonymous') return false
  if (principal.kind === 'token') {
    const { modules } = principal.token
    if (!(module === undefined ? touchesScope(modules, scope) : coversModule(modules, module))) return false
    if (!principal.user) return true
  }
  const user = userOf(principal)!
  return (principal.kind === 'session' && user.staff) || (await scopes.roleOf(scope, user.id)) !== undefined
}

function scopeIn({ scope, module }: Target): string | undefined {
  return scope ?? (module === undefined ? undefined : scopeOf(module))
}

/** @throws Problem unless it is the publish that the identity was exchanged for; its content is compared when it comes. */
function wantGranted(grant: PublishGrant, name: ActionName, action: Action, { module, version }: Target): void {
  if (action.tokens?.includes('publish') && module === grant.module && version === grant.version) return
  const granted = `publish ${moduleKey(grant.module, grant.version)}`
  throw new Problem('token_scope', `Cannot do "${name}" with this token: it may ${granted} and nothing else`)
}

function wantPermission(
  { token }: Principal & { kind: 'token' },
  name: ActionName,
  action: Action,
  { module, scope }: Target,
): void {
  if (!action.tokens) {
    throw new Problem('session_required', `Cannot do "${name}" with a token: no token may`, {
      hint: 'sign in: ingot module login',
    })
  }
  if (!action.tokens.some((permission) => token.permissions.includes(permission))) {
    const [found, wanted] = [token.permissions.join(', '), action.tokens.join(' or ')]
    throw new Problem('token_scope', `Cannot do "${name}" with this token: it may ${found}, want ${wanted}`)
  }
  const covered =
    module === undefined
      ? scope === undefined || touchesScope(token.modules, scope)
      : coversModule(token.modules, module)
  if (!covered) {
    throw new Problem(
      'token_scope',
      `Cannot do "${name}" to "${module ?? scope}" with this token: it is for "${token.modules}"`,
    )
  }
}

function wantSecondFactor(
  principal: Principal,
  name: ActionName,
  { now, withinMs }: { readonly now: Date; readonly withinMs: number },
): void {
  const at = principal.kind === 'session' ? principal.session.secondFactorAt : undefined
  if (at !== undefined && now.getTime() - new Date(at).getTime() <= withinMs) return
  const when = withinMs === Infinity ? 'in this session' : 'within 10 minutes'
  throw new Problem('second_factor', `Cannot do "${name}": it wants a second factor that was shown ${when}`, {
    hint: 'show one (POST /api/v1/session/second-factor), or set one up first (a passkey or TOTP)',
  })
}

/** Of who has no second factor: whoever finds an open browser, or a cookie, cannot make an account theirs with it. */
function wantRecentSignIn(principal: Principal, name: ActionName, now: Date): void {
  const at = principal.kind === 'session' ? principal.session.createdAt : new Date(0).toISOString()
  if (now.getTime() - new Date(at).getTime() <= secondFactorMs) return
  throw new Problem('sign_in_again', `Cannot do "${name}": it wants a sign-in within 10 minutes, found one at ${at}`, {
    hint: 'sign in again',
  })
}

function credentialWanted(name: ActionName): Problem {
  return new Problem(
    'token_missing',
    `Cannot do "${name}" without a credential: want "authorization: Bearer …" or a session`,
    {
      headers: { 'www-authenticate': 'Bearer' },
    },
  )
}

function hidden(scope: string): Problem {
  return new Problem('not_found', `Cannot find "${scope}"`)
}
