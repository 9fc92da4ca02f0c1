import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.ts'

export interface TokenRecord {
  readonly id: string
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
  readonly expiresAt: string
  readonly revokedAt: string | undefined
}

export interface NewToken {
  readonly hash: string
  readonly description: string
  readonly modules: string
  readonly expiresAt: string
}

/** Tokens by their hash. */
export class TokenStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add({ hash, description, modules, expiresAt }: NewToken): Promise<void> {
    const row = {
      id: randomUUID(),
      hash,
      description,
      modules,
      created_at: new Date().toISOString(),
      expires_at: expiresAt,
    }
    await this.#database.write((transaction) => transaction.insertInto('tokens').values(row).execute())
  }

  async find(hash: string): Promise<TokenRecord | undefined> {
    const row = await this.#database.read.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    if (!row) return undefined
    const { id, description, modules, expires_at: expiresAt, revoked_at: revokedAt } = row
    return { id, description, modules, expiresAt, revokedAt: revokedAt ?? undefined }
  }

  async used(id: string, at: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute(),
    )
  }
}
