import { scopeOfEvent, type LogEvent } from '../storage/meta/log-store.ts'
import type { ScopeStore } from '../storage/meta/scope-store.ts'
import { mayRead } from './authorize.ts'
import type { Principal } from './principal.ts'

/** Whether an event is about a scope, or a module, that somebody may not see. */
export async function isHiddenEvent(scopes: ScopeStore, principal: Principal, event: LogEvent): Promise<boolean> {
  const scope = scopeOfEvent(event)
  const { module } = event
  if (scope === undefined) return false
  return !(await mayRead(scopes, principal, module === null ? { scope } : { module }))
}
