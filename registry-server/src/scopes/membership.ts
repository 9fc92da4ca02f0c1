import { Problem } from '../problem.ts'
import type { Role } from '../access/actions.ts'
import type { MemberChange, MemberRecord } from '../storage/meta/scope-store.ts'

/** A scope with one owner gets another only after a day: whoever has stolen a session cannot take it within minutes. */
const ownerDelayMs = 24 * 3_600_000

interface Person {
  readonly id: string
  readonly name: string
}

/** Gives somebody a role: an invitation to who is no member yet. @throws Problem */
export function giveRole(
  members: readonly MemberRecord[],
  user: Person,
  role: Role,
  at: string,
): MemberChange | undefined {
  const before = members.find(({ userId }) => userId === user.id)
  const named = { userId: user.id, user: user.name }
  if (!before?.acceptedAt) {
    const state = { role, invited_at: at, accepted_at: null, next_role: null, effective_at: null }
    return { ...named, state, says: `invited as ${role}` }
  }
  if (before.role === role && before.effectiveAt === null) return undefined
  if (before.role === 'owner' && role !== 'owner') wantOtherOwner(members, user)
  const delayed = role === 'owner' && ownersOf(members).length === 1
  const kept = { role: before.role, invited_at: before.invitedAt, accepted_at: before.acceptedAt }
  const state = delayed
    ? { ...kept, next_role: role, effective_at: dayAfter(at) }
    : { ...kept, role, next_role: null, effective_at: null }
  return { ...named, state, says: delayed ? `${role} from ${state.effective_at}` : `is ${role}` }
}

/** Somebody says yes to an invitation. @throws Problem `not_found` */
export function acceptInvitation(members: readonly MemberRecord[], user: Person, at: string): MemberChange {
  const before = members.find(({ userId }) => userId === user.id)
  if (!before || before.acceptedAt !== null) throw noInvitation()
  const { role, invitedAt } = before
  const delayed = role === 'owner' && ownersOf(members).length === 1
  const state = {
    role: delayed ? 'reader' : role,
    invited_at: invitedAt,
    accepted_at: at,
    next_role: delayed ? role : null,
    effective_at: delayed ? dayAfter(at) : null,
  }
  return { userId: user.id, user: user.name, state, says: `accepted to be ${role}` }
}

/** Somebody is no member any more, or was never to be one. @throws Problem */
export function removeMember(members: readonly MemberRecord[], user: Person): MemberChange {
  const before = members.find(({ userId }) => userId === user.id)
  if (!before) throw new Problem('not_found', `Cannot find "${user.name}" among the members`)
  if (before.acceptedAt !== null && before.role === 'owner') wantOtherOwner(members, user)
  return { userId: user.id, user: user.name, says: 'removed' }
}

function wantOtherOwner(members: readonly MemberRecord[], user: Person): void {
  if (ownersOf(members).some(({ userId }) => userId !== user.id)) return
  throw new Problem('last_owner', `Cannot do without "${user.name}": want another owner first`)
}

function ownersOf(members: readonly MemberRecord[]): readonly MemberRecord[] {
  return members.filter(({ role, acceptedAt }) => role === 'owner' && acceptedAt !== null)
}

function noInvitation(): Problem {
  return new Problem('not_found', 'Cannot accept: you have no invitation to this scope')
}

function dayAfter(at: string): string {
  return new Date(new Date(at).getTime() + ownerDelayMs).toISOString()
}
