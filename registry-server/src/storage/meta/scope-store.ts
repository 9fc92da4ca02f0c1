import type { Role } from '../../access/actions.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

export interface ScopeRecord {
  /** `@acme`. */
  readonly name: string
  readonly createdAt: string
  readonly policy: ScopePolicy
}

/** What the owners of a scope have decided (registry.md §2.7). */
export interface ScopePolicy {
  readonly visibility: 'public' | 'private'
  readonly trustedPublisherOnly: boolean
  readonly minApprovals: number
  readonly holdOnCapabilityIncrease: boolean
  readonly requireProvenance: boolean
}

/** Scopes and their members. */
export class ScopeStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(name: string): Promise<ScopeRecord | undefined> {
    const row = await this.#database.read.selectFrom('scopes').selectAll().where('name', '=', name).executeTakeFirst()
    return row && scopeRecord(row)
  }

  /** What a user is in a scope; an invitation that is not accepted is nothing. */
  async roleOf(scope: string, userId: string): Promise<Role | undefined> {
    const row = await this.#database.read
      .selectFrom('scope_members')
      .select('role')
      .where('scope', '=', scope)
      .where('user_id', '=', userId)
      .where('accepted_at', 'is not', null)
      .executeTakeFirst()
    return row?.role as Role | undefined
  }

  /** Scopes that a user is a member of, and what they are there. */
  async memberships(userId: string): Promise<{ name: string; role: Role }[]> {
    const rows = await this.#database.read
      .selectFrom('scope_members')
      .select(['scope as name', 'role'])
      .where('user_id', '=', userId)
      .where('accepted_at', 'is not', null)
      .execute()
    return rows.map(({ name, role }) => ({ name, role: role as Role }))
  }
}

function scopeRecord(row: Schema['scopes']): ScopeRecord {
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
