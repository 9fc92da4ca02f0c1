import { randomUUID } from 'node:crypto'
import type { TokenPermission } from '../../access/actions.ts'
import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

export interface TokenRecord {
  readonly id: string
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
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
}

/** Tokens by their hash. */
export class TokenStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add({ hash, description, modules, expiresAt, permissions }: NewToken): Promise<void> {
    const row = {
      id: randomUUID(),
      hash,
      description,
      modules,
      created_at: new Date().toISOString(),
      expires_at: expiresAt,
      permissions: permissions.join(','),
      networks: '',
    }
    await this.#database.write((transaction) => transaction.insertInto('tokens').values(row).execute())
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
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    userId: row.user_id ?? undefined,
    permissions: row.permissions.split(',') as TokenPermission[],
    networks: row.networks === '' ? [] : row.networks.split(','),
  }
}
