import { moduleKey } from '@ingot/manifest'
import type { LifecycleChange } from '../log/lifecycle-leaf.ts'
import type { ModuleState } from '../log/module-state.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { Author } from '../storage/meta/append-audit.ts'
import { versionIn, type ConsentAction } from '../storage/meta/lifecycle-store.ts'

export interface ChangeResult {
  /** False: it was so already. */
  readonly changed: boolean
  /** Where the event is in the log. */
  readonly log?: number
  /** Who has agreed so far, where more must. */
  readonly waiting?: { readonly agreed: readonly string[]; readonly wanted: number }
}

export interface ChangeOptions {
  /** How many people must have asked for it; without it, one. */
  readonly people?: number
  /** Whether it is for somebody who runs the registry. */
  readonly staff?: boolean
  readonly now?: Date
}

/**
 * Makes a change to a published module, or notes that somebody wants it where it takes several.
 * @throws Problem when it cannot be made.
 */
export async function applyChange(
  registry: Registry,
  change: LifecycleChange,
  author: Author,
  { people = 1, staff = false, now = registry.clock() }: ChangeOptions = {},
): Promise<ChangeResult> {
  const { lifecycle } = registry.meta
  let waiting: ChangeResult['waiting']
  const log = await lifecycle.record(change.module, author, async (state, transaction) => {
    wantPossible(change, state, staff)
    if (isSo(change, state)) return undefined
    const leaf = { change, at: now.toISOString(), registry: registry.url }
    if (people <= 1) return { ...leaf, by: [author.actor] }
    const action = change.type as ConsentAction
    const subject = moduleKey(change.module, (change as { version: string }).version)
    const agreed = await lifecycle.consent(transaction, { action, subject, author, at: now })
    if (agreed.length < people) {
      waiting = { agreed, wanted: people }
      return undefined
    }
    await lifecycle.forgetConsents(transaction, action, subject)
    return { ...leaf, by: agreed }
  })
  if (log === undefined) return { changed: false, ...(waiting && { waiting }) }
  await registry.outbox.drain()
  return { changed: true, log }
}

/** @throws Problem */
function wantPossible(change: LifecycleChange, state: ModuleState, staff: boolean): void {
  const { module } = change
  if (state.versions.length === 0) {
    throw new Problem('not_found', `Cannot find "${module}": nothing of this name has been published`)
  }
  const version = 'version' in change ? change.version : null
  if (version === null) return
  const found = versionIn(state, version)
  const key = moduleKey(module, version)
  if (!found) throw new Problem('not_found', `Cannot find "${key}"`)
  if (found.status === 'tombstoned' && change.type !== 'tombstone') {
    throw new Problem('tombstoned', `Cannot ${change.type} "${key}": it is gone for good (${found.reason})`)
  }
  if (change.type === 'release' && found.quarantinedBy === 'staff' && !staff) {
    throw new Problem('forbidden', `Cannot release "${key}": it is in quarantine by those who run the registry`)
  }
  if (change.type === 'tag' && found.status !== 'active') {
    throw new Problem(
      'version_inactive',
      `Cannot tag "${key}": found a version that is ${found.status}, want an active one`,
    )
  }
}

/** Whether the change would change nothing: then it is no event, so that it may be asked for again. */
function isSo(change: LifecycleChange, state: ModuleState): boolean {
  if (change.type === 'tag') return (state.tags[change.tag] ?? null) === change.version
  if (change.type === 'deprecate') {
    const found = change.version === null ? state : versionIn(state, change.version)!
    return (
      found.deprecated === change.message && found.successor === (change.message === null ? null : change.successor)
    )
  }
  const { status, yankedAt } = versionIn(state, change.version)!
  switch (change.type) {
    case 'yank':
      return yankedAt !== null
    case 'unyank':
      return yankedAt === null
    case 'quarantine':
      return status === 'quarantined'
    case 'release':
      return status !== 'quarantined'
    case 'tombstone':
      return status === 'tombstoned'
  }
}
