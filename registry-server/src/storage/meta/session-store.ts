import { randomUUID } from 'node:crypto'
import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

/** Of one user; with one more, the one that was used longest ago ends. */
const sessionsMax = 50

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

export type NewSession = Pick<SessionRecord, 'userId' | 'kind' | 'client' | 'expiresAt' | 'secondFactorAt'> & {
  readonly hash: string
}

/** Who has signed in, by the hash of the secret that their client keeps. */
export class SessionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  add(session: NewSession, at: string): Promise<SessionRecord> {
    return this.#database.write((transaction) => addSession(transaction, session, at))
  }

  async find(hash: string): Promise<SessionRecord | undefined> {
    const row = await this.#database.read.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst()
    return row && sessionRecord(row)
  }

  async ofUser(userId: string, now: string): Promise<SessionRecord[]> {
    const rows = await this.#database.read
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('expires_at', '>', now)
      .orderBy('last_used_at', 'desc')
      .execute()
    return rows.map(sessionRecord)
  }

  /** Whether there was such a session of the user. */
  async end(id: string, userId: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const ended = await transaction
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .execute()
      return ended.length > 0
    })
  }

  async used(id: string, at: string): Promise<void> {
    await this.#set(id, { last_used_at: at })
  }

  async showedSecondFactor(id: string, at: string, expiresAt: string): Promise<void> {
    await this.#set(id, { second_factor_at: at, expires_at: expiresAt })
  }

  async #set(id: string, values: Partial<Schema['sessions']>): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('sessions').set(values).where('id', '=', id).execute(),
    )
  }
}

/** Adds a session, within a transaction, and lets go of those that have ended or are too many. */
export async function addSession(
  transaction: Transaction<Schema>,
  { userId, hash, kind, client, expiresAt, secondFactorAt }: NewSession,
  at: string,
): Promise<SessionRecord> {
  await transaction.deleteFrom('sessions').where('user_id', '=', userId).where('expires_at', '<=', at).execute()
  const oldest = await transaction
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .offset(sessionsMax - 1)
    .limit(sessionsMax)
    .execute()
  for (const { id } of oldest) await transaction.deleteFrom('sessions').where('id', '=', id).execute()
  const row = {
    id: randomUUID(),
    hash,
    user_id: userId,
    kind,
    client,
    created_at: at,
    expires_at: expiresAt,
    last_used_at: at,
    second_factor_at: secondFactorAt ?? null,
  }
  await transaction.insertInto('sessions').values(row).execute()
  return sessionRecord(row)
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
