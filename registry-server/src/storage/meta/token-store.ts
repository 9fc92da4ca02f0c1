import { randomUUID } from 'node:crypto'
import type { TokenPermission } from '../../access/actions.ts'
import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, operator, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** Tokens in one list: those that ended are kept, as the audit trail names them. */
const listMax = 1_000

export interface TokenRecord {
  readonly id: string
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly revokedAt: string | undefined
  readonly lastUsedAt: string | undefined
  /** Whose it is; nobody's when it was made at the storage. */
  readonly userId: string | undefined
  readonly permissions: readonly TokenPermission[]
  /** `192.0.2.0/24`: where it may be used from; none: everywhere. */
  readonly networks: readonly string[]
}

export interface NewToken {
  readonly hash: string
  readonly description: string
  readonly modules: string
  readonly expiresAt: string
  readonly permissions: readonly TokenPermission[]
  readonly networks: readonly string[]
  readonly userId: string | undefined
}

/** Tokens by their hash. */
export class TokenStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async add(token: NewToken, author: Author = operator): Promise<TokenRecord> {
    const { hash, description, modules, expiresAt, permissions, networks, userId } = token
    const row = {
      id: randomUUID(),
      hash,
      description,
      modules,
      created_at: new Date().toISOString(),
      expires_at: expiresAt,
      revoked_at: null,
      last_used_at: null,
      user_id: userId ?? null,
      permissions: permissions.join(','),
      networks: networks.join(','),
    }
    await this.#log.write(async (transaction) => {
      await transaction.insertInto('tokens').values(row).execute()
      const after = JSON.stringify({ description, modules, permissions, networks, expiresAt })
      const what = { at: row.created_at, action: 'token.create', subject: `token:${row.id}`, after }
      await appendAudit(transaction, { ...author, ...what })
    })
    return tokenRecord(row)
  }

  /** Of one user, or those that are nobody's; the newest first. */
  async list(userId: string | undefined): Promise<TokenRecord[]> {
    const all = this.#database.read.selectFrom('tokens').selectAll().orderBy('created_at', 'desc').limit(listMax)
    const rows = await (
      userId === undefined ? all.where('user_id', 'is', null) : all.where('user_id', '=', userId)
    ).execute()
    return rows.map(tokenRecord)
  }

  async countValid(userId: string): Promise<number> {
    const { count } = await this.#database.read
      .selectFrom('tokens')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', new Date().toISOString())
      .executeTakeFirstOrThrow()
    return count
  }

  /** Whether it was a valid one of the user, or of anybody's where no user is named. */
  async revoke(id: string, userId: string | undefined, at: string, author: Author = operator): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const one = transaction
        .updateTable('tokens')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
      const mine = userId === undefined ? one : one.where('user_id', '=', userId)
      const revoked = await mine.returning(['description', 'modules']).executeTakeFirst()
      if (!revoked) return false
      const before = JSON.stringify(revoked)
      await appendAudit(transaction, { ...author, at, action: 'token.end', subject: `token:${id}`, before })
      return true
    })
  }

  async find(hash: string): Promise<TokenRecord | undefined> {
    const row = await this.#database.read.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    if (!row) return undefined
    return tokenRecord(row)
  }

  async used(id: string, at: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute(),
    )
  }
}

function tokenRecord(row: Selectable<Schema['tokens']>): TokenRecord {
  return {
    id: row.id,
    description: row.description,
    modules: row.modules,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    userId: row.user_id ?? undefined,
    permissions: row.permissions.split(',') as TokenPermission[],
    networks: row.networks === '' ? [] : row.networks.split(','),
  }
}
