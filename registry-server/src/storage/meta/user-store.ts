import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

export interface UserRecord {
  readonly id: string
  readonly name: string
  readonly email: string | undefined
  readonly staff: boolean
  readonly createdAt: string
  readonly disabledAt: string | undefined
}

/** People. */
export class UserStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(id: string): Promise<UserRecord | undefined> {
    const row = await this.#database.read.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
    return row && userRecord(row)
  }
}

function userRecord(row: Selectable<Schema['users']>): UserRecord {
  return {
    id: row.id,
    name: row.name,
    email: row.email ?? undefined,
    staff: row.staff === 1,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  }
}
