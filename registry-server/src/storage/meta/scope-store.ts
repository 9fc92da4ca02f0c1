import type { ScopeMember, ScopePolicy } from '@ingot/manifest'
import { LRUCache } from 'lru-cache'
import type { Selectable, Transaction } from 'kysely'
import type { Role } from '../../access/actions.ts'
import { scopeLeafText, type ScopeChange } from '../../log/scope-leaf.ts'
import { foldName } from '../../publish/fold-name.ts'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** Every request about a module asks for its scope. What another server has changed is seen this late. */
const cachedMs = 1_000
const cachedMax = 10_000

export interface ScopeRecord {
  /** `@acme`. */
  readonly name: string
  readonly createdAt: string
  readonly policy: ScopePolicy
}

/** Who changes something, and where the change will be written down. */
export interface ScopeAuthor extends Author {
  /** The registry's address, for the log. */
  readonly registry: string
  readonly at: string
}

export interface MemberRecord extends ScopeMember {
  readonly userId: string
}

const defaultPolicy: ScopePolicy = {
  visibility: 'public',
  trustedPublisherOnly: false,
  minApprovals: 0,
  holdOnCapabilityIncrease: true,
  requireProvenance: false,
}

/** Scopes and their members. What becomes of policies and owners stands in the log, everything in the audit trail. */
export class ScopeStore {
  readonly #database: Database
  readonly #log: LogStore
  readonly #cache = new LRUCache<string, ScopeRecord>({ max: cachedMax, ttl: cachedMs })

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async find(name: string): Promise<ScopeRecord | undefined> {
    const cached = this.#cache.get(name)
    if (cached) return cached
    const found = await findScope(this.#database.read, name)
    // One that is private takes as long as one that is not there, however often others ask for it.
    if (found?.policy.visibility === 'public') this.#cache.set(name, found)
    return found
  }

  /** What a user is in a scope now; an invitation that is not accepted is nothing. */
  async roleOf(scope: string, userId: string, now = new Date()): Promise<Role | undefined> {
    const row = await this.#database.read
      .selectFrom('scope_members')
      .selectAll()
      .where('scope', '=', scope)
      .where('user_id', '=', userId)
      .where('accepted_at', 'is not', null)
      .executeTakeFirst()
    return row && roleAt(row, now)
  }

  /** Scopes that a user is a member of, and what they are there. */
  async memberships(userId: string, now = new Date()): Promise<{ name: string; role: Role }[]> {
    const rows = await this.#database.read
      .selectFrom('scope_members')
      .selectAll()
      .where('user_id', '=', userId)
      .where('accepted_at', 'is not', null)
      .orderBy('scope')
      .execute()
    return rows.map((row) => ({ name: row.scope, role: roleAt(row, now) }))
  }

  /** Scopes that a user was asked to be a member of. */
  async invitations(userId: string): Promise<{ name: string; role: Role; invitedAt: string }[]> {
    const rows = await this.#database.read
      .selectFrom('scope_members')
      .selectAll()
      .where('user_id', '=', userId)
      .where('accepted_at', 'is', null)
      .orderBy('scope')
      .execute()
    return rows.map((row) => ({ name: row.scope, role: invitedTo(row), invitedAt: row.invited_at }))
  }

  members(scope: string): Promise<MemberRecord[]> {
    return listMembers(this.#database.read, scope)
  }

  /** Whether something was published under a name that is nobody's scope. */
  async isUnclaimed(name: string): Promise<boolean> {
    const row = await this.#database.read
      .selectFrom('modules')
      .select('id')
      .where('scope', '=', name)
      .where(({ not, exists, selectFrom }) => not(exists(selectFrom('scopes').select('name').where('name', '=', name))))
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async hasModules(scope: string): Promise<boolean> {
    const row = await this.#database.read
      .selectFrom('modules')
      .select('id')
      .where('scope', '=', scope)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Whether people may take a scope for one that was there before it. Until something of it is public, that is: then staff
   * has looked at it.
   */
  async isNear(name: string): Promise<boolean> {
    if (await this.hasModules(name)) return false
    const fold = foldName(name)
    const own = await this.#database.read.selectFrom('scopes').select('created_at').where('name', '=', name).execute()
    const claimed = this.#database.read.selectFrom('scopes').select('name').where('fold', '=', fold)
    const before = own[0] === undefined ? claimed : claimed.where('created_at', '<=', own[0].created_at)
    const others = await before.where('name', '!=', name).limit(1).execute()
    if (others.length > 0) return true
    // What the operator has published under a name that nobody has claimed.
    const published = await this.#database.read
      .selectFrom('modules')
      .select('scope')
      .where('scope_fold', '=', fold)
      // Its own first module may have come since it was asked for.
      .where('scope', '!=', name)
      .limit(1)
      .execute()
    return published.length > 0
  }

  /** Makes a scope with its first owner; nothing where there is one. */
  async create(
    name: string,
    owner: { readonly id: string; readonly name: string },
    author: ScopeAuthor,
    visibility: ScopePolicy['visibility'] = 'public',
  ): Promise<ScopeRecord | undefined> {
    const policy = { ...defaultPolicy, visibility }
    return this.#change(name, author, async (transaction, write) => {
      if (await findScope(transaction, name)) return undefined
      const row = { name, created_at: author.at, fold: foldName(name), ...policyRow(policy) }
      await transaction.insertInto('scopes').values(row).execute()
      const member = { scope: name, user_id: owner.id, role: 'owner', invited_at: author.at, accepted_at: author.at }
      await transaction.insertInto('scope_members').values(member).execute()
      await write('scope.create', name, { type: 'owner', scope: name, user: owner.name, owner: true })
      return { name, createdAt: author.at, policy }
    })
  }

  /** The policy as it is afterwards; nothing where there is no such scope. */
  async setPolicy(name: string, change: Partial<ScopePolicy>, author: ScopeAuthor): Promise<ScopeRecord | undefined> {
    return this.#change(name, author, async (transaction, write) => {
      const found = await findScope(transaction, name)
      if (!found) return undefined
      const policy = { ...found.policy, ...change }
      await transaction.updateTable('scopes').set(policyRow(policy)).where('name', '=', name).execute()
      await write('scope.policy', `${name} ${JSON.stringify(change)}`, { type: 'policy', scope: name, policy })
      return { ...found, policy }
    })
  }

  /**
   * Changes members in a transaction that sees them as they are and that is alone. What `work` returns says what is so
   * afterwards; nothing where all stays as it is.
   */
  async setMember(
    scope: string,
    author: ScopeAuthor,
    work: (members: readonly MemberRecord[]) => MemberChange | undefined,
  ): Promise<void> {
    await this.#change(scope, author, async (transaction, write) => {
      const members = await listMembers(transaction, scope)
      const change = work(members)
      if (!change) return
      const { userId, user, state } = change
      const before = members.find((member) => member.userId === userId)
      await transaction.deleteFrom('scope_members').where('scope', '=', scope).where('user_id', '=', userId).execute()
      if (state) {
        const row = { scope, user_id: userId, ...state }
        await transaction.insertInto('scope_members').values(row).execute()
      }
      const wasOwner = before?.acceptedAt != null && before.role === 'owner'
      const isOwner = state?.accepted_at != null && (state.role === 'owner' || state.next_role === 'owner')
      const owner = wasOwner === isOwner ? undefined : ({ type: 'owner', scope, user, owner: isOwner } as const)
      await write('scope.member', `${scope} ${user} ${change.says}`, owner)
    })
  }

  async #change<T>(
    scope: string,
    { actor, token, ip, registry, at }: ScopeAuthor,
    work: (
      transaction: Transaction<Schema>,
      write: (action: string, subject: string, change?: ScopeChange) => Promise<void>,
    ) => Promise<T>,
  ): Promise<T> {
    const result = await this.#log.write((transaction) =>
      work(transaction, async (action, subject, change) => {
        if (change) {
          const leaf = scopeLeafText({ change, by: [actor], at, registry })
          await this.#log.append(transaction, { type: change.type, subject: scope, module: null, at, leaf })
        }
        await appendAudit(transaction, { at, actor, token, ip, action, subject })
      }),
    )
    this.#cache.delete(scope)
    return result
  }
}

export interface MemberChange {
  readonly userId: string
  readonly user: string
  /** Nothing: they are no member. */
  readonly state?: Omit<Schema['scope_members'], 'scope' | 'user_id'>
  /** For the audit trail: `invited as maintainer`. */
  readonly says: string
}

async function findScope(reader: Reader, name: string): Promise<ScopeRecord | undefined> {
  const row = await reader.selectFrom('scopes').selectAll().where('name', '=', name).executeTakeFirst()
  return row && scopeRecord(row)
}

async function listMembers(reader: Reader, scope: string): Promise<MemberRecord[]> {
  const rows = await reader
    .selectFrom('scope_members')
    .innerJoin('users', 'users.id', 'user_id')
    .selectAll('scope_members')
    .select('users.name as user')
    .where('scope', '=', scope)
    .orderBy('users.name')
    .execute()
  const now = new Date()
  return rows.map((row) => ({
    userId: row.user_id,
    user: row.user,
    role: row.accepted_at === null ? invitedTo(row) : roleAt(row, now),
    invitedAt: row.invited_at,
    acceptedAt: row.accepted_at,
    effectiveAt: row.effective_at !== null && row.effective_at > now.toISOString() ? row.effective_at : null,
  }))
}

function roleAt(row: Selectable<Schema['scope_members']>, now: Date): Role {
  const changed = row.next_role !== null && row.effective_at !== null && row.effective_at <= now.toISOString()
  return (changed ? row.next_role : row.role) as Role
}

function invitedTo(row: Selectable<Schema['scope_members']>): Role {
  return (row.next_role ?? row.role) as Role
}

function policyRow(policy: ScopePolicy) {
  return {
    visibility: policy.visibility,
    trusted_publisher_only: policy.trustedPublisherOnly ? 1 : 0,
    min_approvals: policy.minApprovals,
    hold_on_capability_increase: policy.holdOnCapabilityIncrease ? 1 : 0,
    require_provenance: policy.requireProvenance ? 1 : 0,
  }
}

function scopeRecord(row: Selectable<Schema['scopes']>): ScopeRecord {
  return {
    name: row.name,
    createdAt: row.created_at,
    policy: {
      visibility: row.visibility as ScopePolicy['visibility'],
      trustedPublisherOnly: row.trusted_publisher_only === 1,
      minApprovals: row.min_approvals,
      holdOnCapabilityIncrease: row.hold_on_capability_increase === 1,
      requireProvenance: row.require_provenance === 1,
    },
  }
}
