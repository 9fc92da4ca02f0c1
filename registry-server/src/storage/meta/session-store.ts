import { randomUUID } from 'node:crypto'
import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

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

/** Who has opened a session, and by what. */
export interface OpenedBy {
  readonly author: Author
  /** `password`, `passkey`, `device`, … */
  readonly method: string
}

/** Who has signed in, by the hash of the secret that their client keeps. */
export class SessionStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  add(session: NewSession, opened: OpenedBy, at: string): Promise<SessionRecord> {
    return this.#log.write((transaction) => addSession(transaction, session, opened, at))
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
  async end(id: string, userId: string, author: Author, at: string): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const ended = await transaction
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning(['kind', 'client'])
        .executeTakeFirst()
      if (!ended) return false
      const before = JSON.stringify(ended)
      await appendAudit(transaction, { ...author, at, action: 'session.end', subject: `session:${id}`, before })
      return true
    })
  }

  async used(id: string, at: string): Promise<void> {
    await this.#database.write((transaction) =>
      transaction.updateTable('sessions').set({ last_used_at: at }).where('id', '=', id).execute(),
    )
  }

  async showedSecondFactor(id: string, { author, method }: OpenedBy, at: string, expiresAt: string): Promise<void> {
    await this.#log.write(async (transaction) => {
      const values = { second_factor_at: at, expires_at: expiresAt }
      await transaction.updateTable('sessions').set(values).where('id', '=', id).execute()
      const after = JSON.stringify({ method })
      await appendAudit(transaction, { ...author, at, action: 'session.factor', subject: `session:${id}`, after })
    })
  }
}

/** Adds a session, within a transaction that is alone, and lets go of those that have ended or are too many. */
export async function addSession(
  transaction: Transaction<Schema>,
  { userId, hash, kind, client, expiresAt, secondFactorAt }: NewSession,
  { author, method }: OpenedBy,
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
  const after = JSON.stringify({ method, kind, client, secondFactor: secondFactorAt !== undefined })
  await appendAudit(transaction, { ...author, at, action: 'session.create', subject: `session:${row.id}`, after })
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
