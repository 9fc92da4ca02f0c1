import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

export interface SessionRecord {
  readonly id: string
  readonly userId: string
  readonly kind: 'browser' | 'command line'
  readonly client: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt: string
  readonly secondFactorAt: string | undefined
}

/** Who has signed in, by the hash of the secret that their client keeps. */
export class SessionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(hash: string): Promise<SessionRecord | undefined> {
    const row = await this.#database.read.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst()
    return row && sessionRecord(row)
  }

  async used(id: string, at: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('sessions').set({ last_used_at: at }).where('id', '=', id).execute(),
    )
  }
}

function sessionRecord(row: Selectable<Schema['sessions']>): SessionRecord {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind as SessionRecord['kind'],
    client: row.client,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    secondFactorAt: row.second_factor_at ?? undefined,
  }
}
